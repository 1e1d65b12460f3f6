#!/usr/bin/env bash
# A static site from nothing to gone, with the AWS CLI. Needs a server that answers for the bucket:
#
#   npm start -- --bucket my-site=examples/static-site/site
#
# ENDPOINT is where its API is, EDGE where its edge is.
set -euo pipefail
cd "$(dirname "$0")"
: "${ENDPOINT:=http://127.0.0.1:4400}" "${EDGE:=127.0.0.1:8080}"
export AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-warmfront}
export AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-warmfront-secret}
export AWS_DEFAULT_REGION=us-east-1 AWS_PAGER='' AWS_EC2_METADATA_DISABLED=true

cloudfront() { aws --endpoint-url "$ENDPOINT" --output text cloudfront "$@"; }
get() { curl --silent --show-error --output "${2:-/dev/null}" --write-out '%{http_code}' \
  --header "Host: $domain" "http://$EDGE$1"; }

echo '1. create the distribution'
read -r id domain < <(cloudfront create-distribution --distribution-config file://distribution.json \
  --query '[Distribution.Id, Distribution.DomainName]')
echo "   $id is $domain"

echo '2. wait until every edge has it'
cloudfront wait distribution-deployed --id "$id"

echo '3. look at it'
echo "   / answers $(get /), /assets/site.css $(get /assets/site.css), /nowhere $(get /nowhere)"

echo '4. invalidate everything, and wait'
invalidation=$(cloudfront create-invalidation --distribution-id "$id" --paths '/*' \
  --query Invalidation.Id)
cloudfront wait invalidation-completed --distribution-id "$id" --id "$invalidation"
echo "   $invalidation is completed"

echo '5. disable it, wait, and delete it'
config=$(mktemp)
trap 'rm -f "$config"' EXIT
etag=$(cloudfront get-distribution-config --id "$id" --query ETag)
aws --endpoint-url "$ENDPOINT" --output json cloudfront get-distribution-config --id "$id" \
  --query DistributionConfig >"$config"
node --eval '
  const { readFileSync, writeFileSync } = require("node:fs");
  const [file] = process.argv.slice(1);
  const config = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...config, Enabled: false }));
' "$config"
etag=$(cloudfront update-distribution --id "$id" --if-match "$etag" \
  --distribution-config "file://$config" --query ETag)
cloudfront wait distribution-deployed --id "$id"
echo "   viewers are refused: $(get /)"
cloudfront delete-distribution --id "$id" --if-match "$etag"
echo "   $id is gone"
