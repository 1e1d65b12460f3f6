/**
 * Renewal while the server runs: looks now and then whether a certificate is still good for long
 * enough, and hands a new one to whoever serves with it. What fails is told and tried again, since
 * the certificate in use has weeks left by then.
 */
import type { Clock } from '../base/clock.ts';
import type { Recorder } from '../base/recorder.ts';
import type { Authority } from './authority.ts';
import type { CertificateAndKey } from './issue.ts';

export type Renewal = {
  readonly authority: Pick<Authority, 'certificateFor' | 'forgetOld'>;
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** For the record: whose certificate it is. */
  readonly whose: string;
  readonly names: readonly string[];
  readonly everyMs?: number;
  /** Called with each certificate other than the one of before. */
  readonly use: (renewed: CertificateAndKey) => void;
};

const hourMs = 3_600_000;

/** The certificate of now; it is renewed from here on until `signal` is aborted. */
export async function keepRenewed(
  renewal: Renewal,
  signal: AbortSignal,
): Promise<CertificateAndKey> {
  const { authority, clock, everyMs = hourMs, names, recorder, use, whose } = renewal;
  const first = await authority.certificateFor(names);
  let used = first;
  let cancel: (() => void) | undefined;
  signal.addEventListener('abort', () => cancel?.(), { once: true });

  async function renew(): Promise<void> {
    try {
      const now = await authority.certificateFor(names);
      if (!signal.aborted && now.certificate !== used.certificate) {
        used = now;
        use(now);
        recorder.info({ whose }, 'a certificate was renewed');
      }
    } catch (error) {
      recorder.error({ whose, error }, 'a certificate is not renewed');
    }
    try {
      await authority.forgetOld();
    } catch (error) {
      recorder.warn({ error }, 'files of certificates that have ended are not removed');
    }
    lookLater();
  }

  function lookLater(): void {
    if (!signal.aborted) cancel = clock.after(everyMs, () => void renew());
  }

  lookLater();
  return first;
}
