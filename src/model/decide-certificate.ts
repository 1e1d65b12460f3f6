/** What may be done to the certificates of an account. */
import type { Sealed } from '../base/sealing.ts';
import type { Catalog } from './catalog.ts';
import type { Certificate, CertificateFacts } from './certificate.ts';
import { type Created, type Decision, type Facts, mintUnused } from './decision.ts';
import { certificateKey, putCertificate } from './document.ts';
import type { At } from './document-index.ts';
import type { AccountId, CertificateId } from './ids.ts';
import { Refusal } from './refusal.ts';

/** `certificate`: checked by its reader. */
export type ImportCertificate = {
  readonly account: AccountId;
  readonly certificate: CertificateFacts;
  readonly sealedKey: Sealed;
};

/**
 * The same certificate again is the same import. Where its key was sealed with a key that is lost
 * since, that is how it is put right.
 */
export function decideImportCertificate(
  catalog: Catalog,
  { account, certificate, sealedKey }: ImportCertificate,
  { limits, mint, now }: Facts,
): Decision<Created<CertificateId>> {
  const known = catalog.findCertificateByFingerprint(account, certificate.fingerprint)?.document;
  if (known !== undefined) {
    const changed: Certificate = { ...known, sealedKey };
    return {
      changes: known.sealedKey.keyId === sealedKey.keyId ? [] : [putCertificate(changed)],
      answer: { outcome: 'repeat', id: known.id },
    };
  }
  const max = limits.certificates;
  if (catalog.listCertificates(account).length >= max) {
    throw new Refusal('TooManyCertificates', { max });
  }
  const imported: Certificate = {
    ...certificate,
    format: 1,
    account,
    id: mintUnused(mint.certificateId, (id) => catalog.certificates.get(id) !== undefined),
    sealedKey,
    createdAt: now,
  };
  return { changes: [putCertificate(imported)], answer: { outcome: 'new', id: imported.id } };
}

/** Whatever it is used for: its names go back to the certificates of the local authority. */
export function decideDeleteCertificate(
  catalog: Catalog,
  { account, id }: { readonly account: AccountId; readonly id: string },
): Decision<undefined> {
  requireCertificate(catalog, account, id);
  return { changes: [{ key: certificateKey(account, id), value: null }], answer: undefined };
}

export function requireCertificate(
  catalog: Catalog,
  account: AccountId,
  id: string,
): At<Certificate> {
  const placed = catalog.certificates.get(id);
  if (placed?.document.account === account) return placed;
  throw new Refusal('NoSuchCertificate', { id });
}
