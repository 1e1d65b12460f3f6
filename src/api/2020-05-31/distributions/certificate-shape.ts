/**
 * The certificate that viewers see (API 2020-05-31, section 4.2). What is named is kept; an edge picks
 * a certificate by the name that a viewer asks for (docs/certificates.md).
 */
import type { ViewerCertificate } from '../../../model/distribution.ts';
import { plainConfig } from '../../../model/plain-config.ts';
import { Refusal } from '../../../model/refusal.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';

export function readCertificate(given: Wire.ViewerCertificate | undefined): ViewerCertificate {
  const isDefault = given?.CloudFrontDefaultCertificate === true;
  const { acm, iam } = namedBy(given ?? {});
  if (acm === '' && iam === '') return plainConfig.certificate;
  if (isDefault || (acm !== '' && iam !== '')) {
    const why =
      'one of CloudFrontDefaultCertificate, ACMCertificateArn and IAMCertificateId can be given.';
    throw new Refusal('InvalidViewerCertificate', { why });
  }
  const { MinimumProtocolVersion: tlsPolicy = 'TLSv1', SSLSupportMethod: support } = given ?? {};
  if (support === undefined) {
    const why = 'SSLSupportMethod is required with a certificate of your own.';
    throw new Refusal('InvalidViewerCertificate', { why });
  }
  return { kind: acm === '' ? 'iam' : 'acm', name: acm === '' ? iam : acm, support, tlsPolicy };
}

/** `Certificate` and `CertificateSource` are older words, heard where none of the newer ones is said. */
function namedBy(given: Wire.ViewerCertificate): { readonly acm: string; readonly iam: string } {
  const { ACMCertificateArn: acm = '', IAMCertificateId: iam = '' } = given;
  const { Certificate: old = '', CertificateSource: source } = given;
  const isSaid = acm !== '' || iam !== '' || given.CloudFrontDefaultCertificate === true;
  if (isSaid || old === '') return { acm, iam };
  if (source === 'acm') return { acm: old, iam };
  if (source === 'iam') return { acm, iam: old };
  const why = 'Certificate needs a CertificateSource of acm or iam.';
  throw new Refusal('InvalidViewerCertificate', { why });
}

export function writeCertificate(certificate: ViewerCertificate): Wire.ViewerCertificate {
  const { kind, tlsPolicy } = certificate;
  if (kind === 'default') {
    return {
      CloudFrontDefaultCertificate: true,
      SSLSupportMethod: 'vip',
      MinimumProtocolVersion: tlsPolicy,
      CertificateSource: 'cloudfront',
    };
  }
  const { name, support } = certificate;
  return {
    CloudFrontDefaultCertificate: false,
    ...(kind === 'acm' ? { ACMCertificateArn: name } : { IAMCertificateId: name }),
    SSLSupportMethod: support,
    MinimumProtocolVersion: tlsPolicy,
    Certificate: name,
    CertificateSource: kind,
  };
}
