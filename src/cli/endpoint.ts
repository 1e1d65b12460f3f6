/** Which API the commands ask, and as whom: from the environment, as other tools are told it. */
import { UsageFault } from './failure.ts';
import type { World } from './world.ts';

export type Endpoint = {
  /** `http:` or `https:`, host and port; no path. */
  readonly url: URL;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  /** Certificates in PEM to trust beside those that Node trusts. */
  readonly authorities: string | undefined;
};

const endpointVariable = 'WARMFRONT_ENDPOINT';
const defaultEndpoint = 'http://127.0.0.1:4400';
const defaultKey = { accessKeyId: 'warmfront', secretAccessKey: 'warmfront-secret' };

/** Throws a UsageFault that names the variable at fault. */
export async function readEndpoint({
  environment,
  readText,
}: Pick<World, 'environment' | 'readText'>): Promise<Endpoint> {
  const valueOf = (name: string): string | undefined => environment[name] || undefined;
  const text = valueOf(endpointVariable) ?? defaultEndpoint;
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new UsageFault(
      `${endpointVariable}: ${JSON.stringify(text.slice(0, 200))} is no http:// or https:// URL.`,
    );
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new UsageFault(
      `${endpointVariable}: ${url.origin} is enough; the URL has more than scheme, host and port.`,
    );
  }
  const accessKeyId = valueOf('AWS_ACCESS_KEY_ID');
  const secretAccessKey = valueOf('AWS_SECRET_ACCESS_KEY');
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    const missing = accessKeyId === undefined ? 'AWS_ACCESS_KEY_ID' : 'AWS_SECRET_ACCESS_KEY';
    throw new UsageFault(`${missing} is not set, but its other half is.`);
  }
  const key =
    accessKeyId === undefined || secretAccessKey === undefined
      ? defaultKey
      : { accessKeyId, secretAccessKey };
  if (/[^\x21-\x7e]/.test(key.accessKeyId)) {
    throw new UsageFault('AWS_ACCESS_KEY_ID holds characters that no key id has.');
  }
  return {
    url,
    ...key,
    sessionToken: accessKeyId === undefined ? undefined : valueOf('AWS_SESSION_TOKEN'),
    authorities: await readAuthorities(valueOf('WARMFRONT_CA'), readText),
  };
}

async function readAuthorities(
  path: string | undefined,
  readText: World['readText'],
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = await readText(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageFault(`WARMFRONT_CA: ${path} cannot be read: ${why}.`);
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new UsageFault(`WARMFRONT_CA: ${path} holds no certificate in PEM.`);
}
