/** Who sent this request? By the form of signature that it has, where its API takes that form. */
import type { Instant } from '../../base/clock.ts';
import type { Credential, Keyring } from '../credentials.ts';
import type { Body } from '../request-body.ts';
import type { Protocol } from '../routes.ts';
import { checkHeadV4, type HeadToCheck } from './check-signature-v4.ts';
import { checkSignature } from './check-signature.ts';

export type Sender = {
  readonly credential: Credential;
  /** Whether only the whole body tells who sent it. */
  readonly needsBody: boolean;
  /** Throws a Refusal unless the body is the one that was signed. */
  checkBody(body: Body): void;
};

/** Throws a Refusal for the first check that fails. */
export function checkSender(
  head: HeadToCheck,
  { service, signatures: forms }: Pick<Protocol, 'service' | 'signatures'>,
  keyring: Keyring,
  now: Instant,
): Sender {
  const isV4 = head.headers['authorization']?.[0]?.startsWith('AWS4-') ?? false;
  const form = forms.includes(isV4 ? 'v4' : 'date') ? (isV4 ? 'v4' : 'date') : forms[0];
  if (form === 'v4') {
    const signed = checkHeadV4(head, keyring, service, now);
    return {
      credential: signed.credential,
      needsBody: signed.needsBody,
      checkBody(body) {
        // More than the operation takes is refused for that when it is asked for.
        if (body.kind === 'whole') signed.checkBody(body.bytes);
      },
    };
  }
  // A signature of the date says nothing of the body.
  const credential = checkSignature(head.headers, keyring, now);
  return { credential, needsBody: false, checkBody: () => undefined };
}
