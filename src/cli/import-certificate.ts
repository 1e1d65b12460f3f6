/** certificate import: a certificate of the account's own for its aliases, with its private key. */
import { isLoopbackHost } from '../base/listen-address.ts';
import { ApiClient } from './api-client.ts';
import { certificateFacts, Certificates, type CertificateView } from './certificates.ts';
import { command } from './command.ts';
import { type Endpoint, readEndpoint } from './endpoint.ts';
import { CommandFailure, UsageFault } from './failure.ts';
import { showProgress } from './progress.ts';
import { lateFailure, waitFor, waitMsNormally, waitOption } from './waiting.ts';
import type { World } from './world.ts';

/** More than the API takes of both together. */
const charactersMax = 65_536;

export const importCertificate = command(
  {
    words: 'certificate import',
    operands: [],
    summary: 'Imports a certificate and its private key, for aliases of your distributions.',
    notes:
      'Both are in PEM; behind the certificate stands its chain. Edges use it for the names that it has\nand that are aliases of a distribution of the same account. The key is kept encrypted.',
    options: [
      { name: 'certificate', kind: 'one', form: 'FILE', meaning: 'the certificate and its chain' },
      { name: 'key', kind: 'one', form: 'FILE', meaning: 'its private key, without a passphrase' },
      { name: 'wait', kind: 'switch', form: '', meaning: 'wait until every live edge uses it' },
      waitOption,
    ],
    example: 'warmfront certificate import --certificate fullchain.pem --key privkey.pem --wait',
    onInterrupt: 'A certificate that was imported stays; `warmfront certificate list` tells.',
  },
  async (given, world) => {
    const timeoutMs = given.duration('timeout', waitMsNormally);
    const certificate = await readPem('certificate', given.one('certificate'), world);
    const key = await readPem('key', given.one('key'), world);
    const endpoint = await readEndpoint(world);
    refuseInTheClear(endpoint);
    const api = new ApiClient(endpoint, world);
    const certificates = new Certificates(api);
    const imported = await certificates.import(certificate, key);
    if (!given.has('wait')) return reportOf(imported);
    const { id } = imported;
    const progress = showProgress(world.err);
    progress.happened(`Imported ${id}`);
    const look = async (): Promise<{ found: CertificateView } | { status: string }> => {
      const now = await certificates.find(id);
      return now.status === 'Deployed' ? { found: now } : { status: now.status };
    };
    const waited = await waitFor(id, look, { api, progress, timeoutMs, world });
    if (waited.kind === 'late') throw lateFailure(id, waited, timeoutMs);
    return reportOf(waited.found);
  },
);

function reportOf(view: CertificateView) {
  return { text: certificateFacts(view), json: view };
}

async function readPem(
  option: 'certificate' | 'key',
  path: string | undefined,
  { readText }: World,
): Promise<string> {
  if (path === undefined) throw new UsageFault(`--${option} FILE is missing.`);
  const text = await readText(path).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandFailure('FileNotRead', `${path} cannot be read: ${why}.`, {}, error);
  });
  if (text.length <= charactersMax) return text;
  throw new CommandFailure(
    'FileTooLarge',
    `${path} has ${text.length} characters, too many for a ${option}.`,
  );
}

/** What signs a request does not encrypt it. */
function refuseInTheClear({ url: { hostname, origin, protocol } }: Endpoint): void {
  if (protocol === 'https:' || isLoopbackHost(hostname.replace(/^\[(.*)\]$/, '$1'))) return;
  throw new CommandFailure(
    'InsecureEndpoint',
    `The private key would go to ${origin} in the clear; nothing was sent. Name the server's https:// address in WARMFRONT_ENDPOINT.`,
  );
}
