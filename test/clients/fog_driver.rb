# Drives fog: one order a line as JSON in, one answer a line as JSON out (see driver.ts).
#
# Arguments: scheme, host, port, access key id, secret; with https, the file of the authority to
# trust follows. fog repeats every request that was refused, four in all.
require 'json'
require 'fog/aws'

scheme, host, port, key, secret, authority = ARGV
$cdn = Fog::AWS::CDN.new(
  aws_access_key_id: key, aws_secret_access_key: secret, host: host, port: port.to_i, scheme: scheme,
  connection_options: authority ? { ssl_ca_file: authority } : {}
)

def streaming?(order)
  order['kind'] == 'streaming'
end

def collection(order)
  streaming?(order) ? $cdn.streaming_distributions : $cdn.distributions
end

def shown(body, etag)
  config = body['DistributionConfig'] || body['StreamingDistributionConfig']
  { id: body['Id'], etag: etag, status: body['Status'], domain: body['DomainName'],
    modified: body['LastModifiedTime'], batches: body['InProgressInvalidationBatches'],
    config: config }
end

# fog's caller reference is the second of the clock, so each create of a kind waits for its own.
$last_second = {}
def in_a_new_second(order)
  sleep 0.01 while Time.now.to_i == $last_second[order['kind']]
  yield
ensure
  $last_second[order['kind']] = Time.now.to_i
end

def post(order)
  made = streaming?(order) ? $cdn.post_streaming_distribution(order['options'])
                           : $cdn.post_distribution(order['options'])
  shown(made.body, made.headers['ETag'])
end

ORDERS = {
  'create' => ->(order) { in_a_new_second(order) { post(order) } },
  # For what is refused whatever its reference.
  'create_at_once' => ->(order) { post(order) },
  # Creates of one second, which fog gives one caller reference. The second begins anew, so that all
  # fall into it.
  'create_in_one_second' => lambda { |order|
    start = Time.now.to_i
    sleep 0.005 while Time.now.to_i == start
    answers = order['creates'].map do |create|
      { ok: post(create) }
    rescue Excon::Error::HTTPStatus => error
      { refused: refused(error) }
    end
    order['creates'].each { |create| $last_second[create['kind']] = Time.now.to_i }
    { answers: answers, seconds: Time.now.to_i - start }
  },
  'info' => lambda { |order|
    got = streaming?(order) ? $cdn.get_streaming_distribution(order['id'])
                            : $cdn.get_distribution(order['id'])
    shown(got.body, got.headers['ETag'])
  },
  'list' => lambda { |order|
    page = order['page'] || {}
    body = (streaming?(order) ? $cdn.get_streaming_distribution_list(page)
                              : $cdn.get_distribution_list(page)).body
    { items: body['DistributionSummary'] || body['StreamingDistributionSummary'],
      truncated: body['IsTruncated'], marker: body['Marker'], next: body['NextMarker'],
      max: body['MaxItems'] }
  },
  'put' => lambda { |order|
    arguments = order['id'], order['etag'], order['options']
    put = streaming?(order) ? $cdn.put_streaming_distribution_config(*arguments)
                            : $cdn.put_distribution_config(*arguments)
    shown(put.body, put.headers['ETag'])
  },
  'delete' => lambda { |order|
    streaming?(order) ? $cdn.delete_streaming_distribution(order['id'], order['etag'])
                      : $cdn.delete_distribution(order['id'], order['etag'])
    {}
  },
  'invalidate' => lambda { |order|
    arguments = [order['distribution'], order['paths'], order['reference']].compact
    $cdn.post_invalidation(*arguments).body
  },
  'invalidation' => ->(order) { $cdn.get_invalidation(order['distribution'], order['id']).body },
  'invalidations' => lambda { |order|
    $cdn.get_invalidation_list(order['distribution'], order['page'] || {}).body
  },
  'model_invalidate' => lambda { |order|
    made = $cdn.distributions.get(order['distribution']).invalidations.create(paths: order['paths'])
    { id: made.id, status: made.status, paths: made.paths, reference: made.caller_reference }
  },
  'model_invalidation' => lambda { |order|
    got = $cdn.distributions.get(order['distribution']).invalidations.get(order['id'])
    got ? { id: got.id, ready: got.ready?, paths: got.paths } : { id: nil }
  },
  'model_invalidations' => lambda { |order|
    all = $cdn.distributions.get(order['distribution']).invalidations.all
    { ids: all.map(&:id), max: all.max_items, truncated: all.is_truncated }
  },
  # The same by fog's models.
  'model_ids' => ->(order) { { ids: collection(order).map(&:id) } },
  'model_all_with' => lambda { |order|
    all = collection(order).all('MaxItems' => order['max'])
    { ids: all.map(&:id), max: all.max_items, truncated: all.is_truncated }
  },
  'model_create' => lambda { |order|
    in_a_new_second(order) do
      made = collection(order).create(order['attributes'].transform_keys(&:to_sym))
      { id: made.id, status: made.status, domain: made.domain, enabled: made.enabled }
    end
  },
  'model_get' => lambda { |order|
    model = collection(order).get(order['id'])
    model ? { id: model.id, status: model.status, enabled: model.enabled, etag: model.etag,
              ready: model.ready? } : { id: nil }
  },
  'model_disable' => lambda { |order|
    { done: collection(order).get(order['id']).disable }
  },
  'model_enable' => lambda { |order|
    { done: collection(order).get(order['id']).enable }
  },
  'model_destroy' => lambda { |order|
    { done: collection(order).get(order['id']).destroy }
  }
}.freeze

def refused(error)
  { status: error.response.status, code: error.response.body[%r{<Code>(.*?)</Code>}, 1] }
end

$stdout.sync = true
$stdin.each_line do |line|
  order = JSON.parse(line)
  answer = begin
    { ok: ORDERS.fetch(order['order']).call(order) }
  rescue Excon::Error::HTTPStatus => error
    { refused: refused(error) }
  rescue StandardError => error
    { failed: "#{error.class}: #{error.message}" }
  end
  puts JSON.generate(answer)
end
