/** What the private endpoints can do with certificates, in the client's terms. */
import type { ApiClient } from './api-client.ts';
import { CommandFailure } from './failure.ts';
import { factLines } from './text-table.ts';

const path = '/_warmfront/certificates';

export type CertificateView = {
  readonly id: string;
  readonly status: string;
  readonly names: readonly string[];
  /** Those of them that enabled distributions of the account answer to. */
  readonly servedNames: readonly string[];
  readonly keyKind: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly fingerprint: string;
  /** False: the server has lost what its key was sealed with. */
  readonly keyOpens: boolean;
  readonly createdAt: string;
  /** PEM: the certificate, then its chain. */
  readonly certificate: string;
};

/** Every method rejects with a CommandFailure. */
export class Certificates {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  /** Oldest first. */
  async list(): Promise<readonly CertificateView[]> {
    const document = await this.#api.askJson('GET', path);
    const certificates = isRecord(document) ? document['certificates'] : undefined;
    if (!Array.isArray(certificates)) throw unexpected();
    return certificates.map(readCertificate);
  }

  async find(id: string): Promise<CertificateView> {
    return readCertificate(await this.#api.askJson('GET', placeOf(id)));
  }

  /** Both in PEM. One that the account has already is answered as it stands, so it may be repeated. */
  async import(certificate: string, key: string): Promise<CertificateView> {
    const body = JSON.stringify({ certificate, key });
    return readCertificate(await this.#api.askJson('POST', path, { body, repeatable: true }));
  }

  async delete(id: string): Promise<void> {
    await this.#api.ask('DELETE', placeOf(id));
  }
}

export function certificateFacts(one: CertificateView): string {
  const { servedNames } = one;
  return factLines([
    ['id', one.id],
    ['status', one.status],
    ['names', one.names.join(', ')],
    ['used for', servedNames.length === 0 ? 'none of your aliases yet' : servedNames.join(', ')],
    ['key', keySaid(one)],
    ['expires', one.notAfter],
    ['fingerprint', one.fingerprint],
  ]);
}

export function keySaid({ keyKind, keyOpens }: CertificateView): string {
  const kind = keyKind === 'ec' ? 'ECDSA' : keyKind.toUpperCase();
  return keyOpens ? kind : `${kind}, lost: import the certificate again`;
}

function placeOf(id: string): string {
  return `${path}/${encodeURIComponent(id)}`;
}

function readCertificate(value: unknown): CertificateView {
  if (!isRecord(value)) throw unexpected();
  const { id, keyOpens, names, servedNames, status } = value;
  if (typeof id !== 'string' || typeof status !== 'string' || typeof keyOpens !== 'boolean') {
    throw unexpected();
  }
  if (!Array.isArray(names) || !Array.isArray(servedNames)) throw unexpected();
  return {
    id,
    status,
    names: names.map(String),
    servedNames: servedNames.map(String),
    keyKind: String(value['keyKind']),
    notBefore: String(value['notBefore']),
    notAfter: String(value['notAfter']),
    fingerprint: String(value['fingerprint']),
    keyOpens,
    createdAt: String(value['createdAt']),
    certificate: String(value['certificate']),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unexpected(): CommandFailure {
  return new CommandFailure('UnexpectedAnswer', 'The certificates are not in the form expected.');
}
