/**
 * What error responses, certificates, restrictions and what else concerns a whole distribution must
 * keep to (API 2020-05-31, section 4.3).
 */
import type { DistributionConfig, ErrorResponse, GeoRestriction } from './distribution.ts';
import { Refusal } from './refusal.ts';

const errors = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
const answers = [200, ...errors];
const acmArn = /^arn:aws:acm:us-east-1:\d{12}:certificate\/[A-Za-z0-9-]{1,128}$/;
const webAclId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const webAclArn =
  /^arn:aws:wafv2:us-east-1:\d{12}:global\/webacl\/[A-Za-z0-9_-]{1,128}\/[0-9a-f-]{36}$/;
const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/;

/** Throws a Refusal. */
export function checkDelivery(config: DistributionConfig): void {
  const { cacheTagHeader, certificate, errorResponses, geoRestriction, webAcl } = config;
  const seen = new Set<number>();
  for (const response of errorResponses) {
    checkErrorResponse(response);
    const { status } = response;
    if (seen.has(status)) {
      throw new Refusal('InvalidErrorCode', { why: `${status} stands there more than once.` });
    }
    seen.add(status);
  }
  if (certificate.kind === 'acm' && !isCertificateArn(certificate.name)) {
    const why = `${certificate.name} is not the ARN of a certificate in us-east-1.`;
    throw new Refusal('InvalidViewerCertificate', { why });
  }
  if (certificate.kind !== 'default') {
    const { support, tlsPolicy } = certificate;
    if (support === 'sni-only' ? tlsPolicy === 'SSLv3' : !/^(?:SSLv3|TLSv1)$/.test(tlsPolicy)) {
      const why = `${support} and ${tlsPolicy} do not go together.`;
      throw new Refusal('InvalidViewerCertificate', { why });
    }
  }
  const code = unknownCountryOf(geoRestriction);
  if (code !== undefined) throw new Refusal('InvalidLocationCode', { code });
  if (webAcl !== '' && !webAclId.test(webAcl) && !isWebAclArn(webAcl))
    throw new Refusal('InvalidWebACLId', { id: webAcl });
  if (cacheTagHeader !== '' && !headerName.test(cacheTagHeader)) {
    const why = `${cacheTagHeader} is no name of a header.`;
    throw new Refusal('InvalidArgument', { member: 'CacheTagConfig', why });
  }
}

export function isCertificateArn(text: string): boolean {
  return acmArn.test(text);
}

export function isWebAclArn(text: string): boolean {
  return webAclArn.test(text);
}

/** The first that is no code of a country; undefined where all are. */
export function unknownCountryOf(restriction: GeoRestriction): string | undefined {
  if (restriction.kind === 'none') return undefined;
  return restriction.countries.find((one) => !/^[A-Z]{2}$/.test(one));
}

function checkErrorResponse({ minTtlS, pagePath, pageStatus, status }: ErrorResponse): void {
  if (!errors.includes(status)) {
    throw new Refusal('InvalidErrorCode', { why: `${status} is none of ${errors.join(', ')}.` });
  }
  if (pagePath !== '' && !/^\/[!-~]*$/.test(pagePath)) {
    throw new Refusal('InvalidRelativePath', { path: pagePath });
  }
  if (pagePath !== '' && !answers.includes(pageStatus)) {
    const why = `${pageStatus} is none of ${answers.join(', ')}.`;
    throw new Refusal('InvalidResponseCode', { why });
  }
  if (minTtlS < 0) {
    const why = 'it is not below 0.';
    throw new Refusal('InvalidArgument', { member: 'ErrorCachingMinTTL', why });
  }
}
