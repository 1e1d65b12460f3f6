/**
 * A trust store: the authorities that may have issued the certificates of viewers (API 2020-05-31,
 * section 4.18). Stored only: the bundle is not fetched, and no edge asks viewers for certificates.
 */
import { checkPlainName, invalidArgument } from './invalid-argument.ts';

export type TrustStoreConfig = {
  readonly name: string;
  readonly bundle: {
    readonly bucket: string;
    readonly key: string;
    readonly region: string;
    readonly version: string | undefined;
  };
  readonly asksOcsp: boolean;
};

const keyCharactersMax = 1_024;

/** Throws `InvalidArgument`. */
export function checkTrustStore({ bundle, name }: TrustStoreConfig): void {
  checkPlainName(name);
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bundle.bucket)) {
    invalidArgument('The parameter Bucket', 'it is no name of a bucket.');
  }
  if (bundle.key === '' || bundle.key.length > keyCharactersMax) {
    invalidArgument('The parameter Key', `it has 1 to ${keyCharactersMax} characters.`);
  }
  if ((bundle.version ?? '').length > keyCharactersMax) {
    invalidArgument('The parameter Version', `it has at most ${keyCharactersMax} characters.`);
  }
}
