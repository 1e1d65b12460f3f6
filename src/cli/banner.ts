/** What `serve` says once all is ready: where everything is, and how known tools are pointed at it. */
import { readVersion } from './version.ts';
import type { Screen } from './world.ts';

/** URLs without a slash at the end. */
export type Addresses = {
  readonly api: string;
  readonly apiTls: string | undefined;
  readonly edges: readonly {
    readonly name: string;
    readonly http: string;
    readonly https: string | undefined;
  }[];
  /** `HOST:PORT`. */
  readonly dns: string | undefined;
  readonly caFile: string | undefined;
};

/** The settings that the banner tells of. */
export type ToldSettings = {
  readonly data: string | undefined;
  readonly domain: string;
  readonly credentialsFile: string | undefined;
  readonly publicEndpoint: string | undefined;
  /** Of an edge machine: what it follows. */
  readonly join: { readonly urls: readonly string[] } | undefined;
};

/** One JSON object with every address, as one line. */
export function readyLine({ api, apiTls, caFile, dns, edges }: Addresses): string {
  const line = {
    event: 'ready',
    version: readVersion(),
    api,
    apiTls: apiTls ?? null,
    edges: edges.map(({ http, https, name }) => ({ name, http, https: https ?? null })),
    dns: dns ?? null,
    caFile: caFile ?? null,
  };
  return `${JSON.stringify(line)}\n`;
}

/** Its last line is `warmfront ready`. */
export function banner(
  settings: ToldSettings,
  addresses: Addresses,
  screen: Pick<Screen, 'painted'>,
): string {
  const { api, apiTls, caFile, dns, edges } = addresses;
  const strong = (text: string): string => screen.painted('strong', text);
  const edgeWidth = Math.max(0, ...edges.map(({ name }) => name.length));
  const { join } = settings;
  const rows: readonly (readonly [string, string])[] = [
    join === undefined
      ? ['API', [api, apiTls].filter((one) => one !== undefined).join('  ')]
      : ['follows', join.urls.join('  ')],
    ...edges.map(({ http, https, name }, index): readonly [string, string] => [
      index === 0 ? 'edges' : '',
      `${name.padEnd(edgeWidth)}  ${http}${https === undefined ? '' : `  ${https}`}`,
    ]),
    ...(dns === undefined ? [] : [['DNS', dns] as const]),
    ['names', `d….${settings.domain}, s….${settings.domain}`],
    ['data', settings.data ?? 'nothing is kept (--memory)'],
    ...(caFile === undefined ? [] : [['trust', caFile] as const]),
    ['', ''],
    ...(join === undefined ? toolRows(settings, addresses) : edgeMachineRows(settings, addresses)),
  ];
  const lines = rows.map(([left, right]) => `  ${left.padEnd(9)}  ${right}`.trimEnd());
  return `${strong(`Warmfront ${readVersion()}`)}\n\n${lines.join('\n')}\n\n${strong('warmfront ready')}\n`;
}

function edgeMachineRows(
  { domain }: ToldSettings,
  { api, edges }: Addresses,
): readonly (readonly [string, string])[] {
  return [
    ['health', `${api}/_warmfront/health`],
    ['curl', `curl -H 'Host: d….${domain}' ${edges[0]?.http ?? ''}/`],
  ];
}

function toolRows(
  { credentialsFile, domain, publicEndpoint }: ToldSettings,
  { api, apiTls, caFile, edges }: Addresses,
): readonly (readonly [string, string])[] {
  const isDefaultKey = credentialsFile === undefined;
  const key = isDefaultKey ? 'warmfront' : 'KEY';
  const secret = isDefaultKey ? 'warmfront-secret' : 'SECRET';
  const endpoint = api === 'http://127.0.0.1:4400' ? '' : `WARMFRONT_ENDPOINT=${api} `;
  const { hostname, port } = new URL(api);
  const rows: (readonly [string, string])[] = [
    ['warmfront', `${endpoint}npx warmfront distribution create --origin HOST --wait`],
    edges[0] === undefined
      ? ['edges', 'none here; `warmfront edge-token create NAME` lets one join']
      : ['curl', `curl -H 'Host: d….${domain}' ${edges[0].http}/`],
    ['', ''],
    [
      'AWS tools',
      `export AWS_ACCESS_KEY_ID=${key} AWS_SECRET_ACCESS_KEY=${secret} AWS_DEFAULT_REGION=us-east-1`,
    ],
    ['', `export AWS_ENDPOINT_URL_CLOUDFRONT=${api}  # all that tools since 2023 need`],
    ['aws', `aws --endpoint-url ${api} cloudfront create-distribution --origin-domain-name HOST`],
    ['boto3', `boto3.client('cloudfront', endpoint_url='${api}')`],
    ['SDK v3', `new CloudFrontClient({ endpoint: '${api}', region: 'us-east-1' })`],
    [
      'boto 2',
      `CloudFrontConnection('${key}', '${secret}', host='${hostname.replace(/^\[(.*)\]$/, '$1')}', port=${port || '80'}), is_secure = False in [Boto]`,
    ],
  ];
  const tls = publicEndpoint?.startsWith('https:') ? publicEndpoint : apiTls;
  if (tls !== undefined) {
    const trust =
      caFile === undefined ? 'check_ssl_certificate = False' : `ca_certs_file = ${caFile}`;
    rows.push([
      's3cmd',
      `in its file: access_key = ${key}, secret_key = ${secret}, cloudfront_host = ${certifiedHost(tls)}, ${trust}`,
    ]);
  }
  rows.push(['others', 'Terraform, fog: README.md']);
  return rows;
}

/** On loopback the name that every client checks well: some do not know addresses in certificates. */
function certifiedHost(url: string): string {
  const { host, hostname, port } = new URL(url);
  return ['127.0.0.1', '[::1]', '0.0.0.0', '[::]'].includes(hostname) ? `localhost:${port}` : host;
}
