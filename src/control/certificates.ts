/**
 * Certificates of an account's own. A private key is sealed as soon as it was checked, and exists in
 * the open nowhere else but in the edges that serve with it.
 */
import { createSecureContext } from 'node:tls';
import type { Randomness } from '../base/randomness.ts';
import { seal, sealingKeyId } from '../base/sealing.ts';
import type { Catalog } from '../model/catalog.ts';
import { type Certificate, coversName, sealingContext } from '../model/certificate.ts';
import {
  decideDeleteCertificate,
  decideImportCertificate,
  requireCertificate,
} from '../model/decide-certificate.ts';
import type { At } from '../model/document-index.ts';
import { type ReadCertificate, readCertificate } from '../model/read-certificate.ts';
import { Refusal } from '../model/refusal.ts';
import type { CertificateView, Control } from './control.ts';
import type { ControlCore, KnownLiveness } from './core.ts';

type CertificateControl = Pick<
  Control,
  'importCertificate' | 'findCertificate' | 'listCertificates' | 'deleteCertificate'
>;

export type CertificateParts = {
  /** `sealingKeyBytes` long; the edges have the same. */
  readonly sealingKey: Uint8Array;
  readonly randomness: Randomness;
};

export function certificateControl(
  core: ControlCore,
  { randomness, sealingKey }: CertificateParts,
): CertificateControl {
  const ownKeyId = sealingKeyId(sealingKey);

  function viewAt(
    { document: certificate, revision }: At<Certificate>,
    liveness: KnownLiveness,
  ): CertificateView {
    const deployed = core.isDeployed(revision, liveness);
    return {
      certificate,
      status: deployed ? 'Deployed' : 'InProgress',
      opens: certificate.sealedKey.keyId === ownKeyId,
      servedNames: servedNames(core.catalog, certificate),
    };
  }

  async function view(account: Certificate['account'], id: string): Promise<CertificateView> {
    const placed = requireCertificate(core.catalog, account, id);
    return viewAt(placed, await core.liveness());
  }

  return {
    async importCertificate(account, given) {
      const { facts: certificate, key } = readCertificate(given, core.now());
      tryServing({ facts: certificate, key });
      const context = sealingContext({ account, fingerprint: certificate.fingerprint });
      const sealedKey = seal(sealingKey, { text: key, context }, randomness);
      const { id, outcome } = await core.write((catalog, facts) =>
        decideImportCertificate(catalog, { account, certificate, sealedKey }, facts),
      );
      return { ...(await view(account, id)), outcome };
    },

    findCertificate: (account, id) => Promise.try(() => view(account, id)),

    async listCertificates(account) {
      const placed = core.catalog.listCertificates(account);
      const liveness = placed.length === 0 ? undefined : await core.liveness();
      return placed.map((one) => viewAt(one, liveness));
    },

    async deleteCertificate(account, id) {
      await core.write((catalog) => decideDeleteCertificate(catalog, { account, id }));
    },
  };
}

/** What an edge will do with it: a fault that no check before has found is better told now. */
function tryServing({ facts: { chain }, key }: ReadCertificate): void {
  try {
    createSecureContext({ cert: chain, key, ca: [] });
  } catch {
    throw new Refusal('InvalidCertificate', { why: 'TLS cannot serve with it and its key.' });
  }
}

/** The names of the account's enabled download distributions and tenants that it covers. */
function servedNames(catalog: Catalog, { account, names }: Certificate): readonly string[] {
  const ofDistributions = catalog
    .list(account, 'download')
    .filter(({ document }) => document.config.enabled)
    .flatMap(({ document }) => [document.domainName, ...document.config.aliases]);
  const ofTenants = catalog
    .listResources(account, 'distribution-tenant')
    .filter(({ document }) => document.config.enabled)
    .flatMap(({ document }) => document.config.domains);
  return [...ofDistributions, ...ofTenants].filter((name) => coversName(names, name));
}
