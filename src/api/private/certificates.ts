/**
 * Certificates of an account's own, for its aliases. A private key comes in with an import and never
 * goes out again, neither in an answer nor in a message.
 */
import type { CertificateView } from '../../control/control.ts';
import type { GivenCertificate } from '../../model/read-certificate.ts';
import { Refusal } from '../../model/refusal.ts';
import { operation } from '../operation.ts';
import { jsonBody, readJsonObject } from './json-form.ts';

/** Both parts at their longest, with each line end written as two characters. */
const importBytesMax = 65_536;

export const listCertificates = operation({
  name: 'ListCertificates',
  method: 'GET',
  path: '/_warmfront/certificates',
  async answer({ account }, { control }) {
    const certificates = await control.listCertificates(account);
    return { status: 200, body: jsonBody({ certificates: certificates.map(shown) }) };
  },
});

export const getCertificate = operation({
  name: 'GetCertificate',
  method: 'GET',
  path: '/_warmfront/certificates/{id}',
  async answer(asked, { control }) {
    const view = await control.findCertificate(asked.account, asked.param('id'));
    return { status: 200, body: jsonBody(shown(view)) };
  },
});

/** The same certificate again is answered as it stands. */
export const importCertificate = operation({
  name: 'ImportCertificate',
  method: 'POST',
  path: '/_warmfront/certificates',
  bodyBytesMax: importBytesMax,
  bodyForm: 'json',
  async answer(asked, { control }) {
    const given = readImport(asked.body());
    const view = await control.importCertificate(asked.account, given);
    return { status: 201, body: jsonBody(shown(view)) };
  },
});

export const deleteCertificate = operation({
  name: 'DeleteCertificate',
  method: 'DELETE',
  path: '/_warmfront/certificates/{id}',
  async answer(asked, { control }) {
    await control.deleteCertificate(asked.account, asked.param('id'));
    return { status: 204 };
  },
});

/** Nothing but these two: what is not meant is refused rather than passed over. */
function readImport(bytes: Uint8Array): GivenCertificate {
  const { certificate, key, ...others } = readJsonObject(bytes);
  const [other] = Object.keys(others);
  if (other !== undefined) throw wrong(other, 'it is not a member of this body.');
  if (typeof certificate !== 'string') {
    throw wrong('certificate', 'a text is needed, the certificate and its chain in PEM.');
  }
  if (typeof key !== 'string') throw wrong('key', 'a text is needed, the private key in PEM.');
  return { certificate, key };
}

function wrong(member: string, why: string): Refusal {
  return new Refusal('InvalidArgument', { member, why });
}

function shown({ certificate, opens, servedNames, status }: CertificateView) {
  const { chain, createdAt, fingerprint, id, keyKind, names, notAfter, notBefore } = certificate;
  return {
    id,
    status,
    names,
    servedNames,
    keyKind,
    notBefore: new Date(notBefore).toISOString(),
    notAfter: new Date(notAfter).toISOString(),
    fingerprint,
    /** False: its key was sealed with a key file that is gone; import it again. */
    keyOpens: opens,
    createdAt: new Date(createdAt).toISOString(),
    certificate: chain,
  };
}
