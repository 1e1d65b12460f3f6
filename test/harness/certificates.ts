/** Certificates for tests of TLS: one authority, and what it issues, good and bad. */
import {
  certifyAuthority,
  certifyServer,
  newKey,
  type CertificateAndKey,
} from '../../src/authority/issue.ts';

const dayMs = 86_400_000;

export type TestAuthority = {
  /** PEM. */
  readonly certificate: string;
  issue(names: readonly string[], validForDays?: number): Promise<CertificateAndKey>;
};

let serials = 0;

export async function testAuthority(commonName: string): Promise<TestAuthority> {
  const key = await newKey();
  const certificate = await certifyAuthority(commonName, key, validity(365));
  return {
    certificate,
    async issue(names, validForDays = 30) {
      const ownKey = await newKey();
      const own = await certifyServer({ certificate, key }, names, ownKey, validity(validForDays));
      return { certificate: own, key: ownKey };
    },
  };
}

/** Negative days: over already. */
function validity(days: number): { notBefore: Date; notAfter: Date; serial: Uint8Array } {
  serials += 1;
  const now = Date.now();
  const serial = Buffer.alloc(16, 1);
  serial.writeUInt32BE(serials, 12);
  return {
    notBefore: new Date(now - 400 * dayMs),
    notAfter: new Date(now + days * dayMs),
    serial,
  };
}
