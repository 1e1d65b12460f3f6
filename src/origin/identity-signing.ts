/**
 * Requests to a bucket in the name of an origin access identity (edge contract 10.7, rules 20 and
 * 21): signed with the keys that the operator gave for the identity. Where there are none the request
 * goes as it is, so that the store says what it thinks of it, and the operator is told once.
 *
 * Whoever asks speaks for himself only: what a viewer sent as `X-Amz-…` is left out of a signed
 * request, since a store takes every such field for the word of whose signature stands below it.
 * Conditions, ranges and all else go along unsigned.
 */
import type { Clock } from '../base/clock.ts';
import type { Recorder } from '../base/recorder.ts';
import { type HeaderList, selectHeaders } from '../http/header-list.ts';
import { emptyPayloadHash, signV4 } from '../http/sigv4.ts';
import type { S3Origin } from '../model/distribution.ts';
import { regionOf } from './bucket-name.ts';
import type { IdentityCredentials } from './identity-credentials.ts';

export type IdentitySigningParts = {
  readonly credentials: readonly IdentityCredentials[];
  readonly clock: Clock;
  readonly recorder: Recorder;
};

/** What of a request is signed; `path` is what is sent, a base path of the store included. */
export type SignedParts = { readonly method: string; readonly path: string };

const usualRegion = 'us-east-1';
/** Past so many nobody is told of another one. */
const toldMax = 1_000;

export class IdentitySigning {
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  readonly #byIdentity: ReadonlyMap<string, IdentityCredentials>;
  readonly #told = new Set<string>();

  constructor({ clock, credentials, recorder }: IdentitySigningParts) {
    this.#clock = clock;
    this.#recorder = recorder;
    this.#byIdentity = new Map(credentials.map((one) => [one.identity, one]));
  }

  /** `headers` begin with `Host`, and are all that is sent but for what is added here. */
  sign(origin: S3Origin, { method, path }: SignedParts, headers: HeaderList): HeaderList {
    const { accessIdentity: identity } = origin;
    if (identity === undefined) return headers;
    const credentials = this.#byIdentity.get(identity);
    if (credentials === undefined) {
      this.#tell(identity, origin);
      return headers;
    }
    const sent = selectHeaders(headers, isOurs);
    const added = signV4({
      method,
      path,
      headers: selectHeaders(sent, (name) => signedFields.has(name)),
      payloadHash: emptyPayloadHash,
      region: regionOf(origin.domainName.toLowerCase()) ?? credentials.region ?? usualRegion,
      service: 's3',
      keys: credentials.keys,
      at: this.#clock.now(),
    });
    return [...sent, ...added];
  }

  #tell(identity: string, { domainName }: S3Origin): void {
    if (this.#told.has(identity) || this.#told.size >= toldMax) return;
    this.#told.add(identity);
    this.#recorder.warn(
      { identity, origin: domainName },
      'requests to a bucket are not signed: --identity-credentials has no keys for its origin access identity',
    );
  }
}

const signedFields = new Set(['host', 'x-amz-cf-id']);

function isOurs(name: string): boolean {
  return name !== 'authorization' && (!name.startsWith('x-amz-') || name === 'x-amz-cf-id');
}
