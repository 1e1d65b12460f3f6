/**
 * A private upstream that distributions may name as an origin (API 2020-05-31, section 4.14): here, an
 * alias whose endpoint the operator gives an address.
 */
import { invalidArgument } from './invalid-argument.ts';

export type VpcOriginConfig = {
  readonly name: string;
  /** Of the load balancer or instance that it stands for; opaque. */
  readonly endpointArn: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly protocolPolicy: 'http-only' | 'https-only' | 'match-viewer';
  readonly tlsProtocols: readonly ('SSLv3' | 'TLSv1' | 'TLSv1.1' | 'TLSv1.2')[];
  readonly addressType: 'dualstack' | 'ipv4';
};

const nameCharactersMax = 64;
const arnCharactersMax = 512;
const portMax = 65_535;

/** Throws `InvalidArgument`. */
export function checkVpcOrigin(config: VpcOriginConfig): void {
  const { endpointArn, name, tlsProtocols } = config;
  if (name === '' || name.length > nameCharactersMax) {
    invalidArgument('The parameter Name', `it has 1 to ${nameCharactersMax} characters.`);
  }
  if (endpointArn.length > arnCharactersMax || !/^arn:\S+$/.test(endpointArn)) {
    invalidArgument('The parameter Arn', 'it is no ARN.');
  }
  for (const [member, port] of [
    ['HTTPPort', config.httpPort],
    ['HTTPSPort', config.httpsPort],
  ] as const) {
    if (!Number.isInteger(port) || port < 1 || port > portMax) {
      invalidArgument(`The parameter ${member}`, `it is a port from 1 to ${portMax}.`);
    }
  }
  if (new Set(tlsProtocols).size < tlsProtocols.length) {
    invalidArgument('The parameter OriginSslProtocols', 'a protocol stands in it twice.');
  }
}
