import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { until } from '../../test/harness/until.ts';
import { systemRandomness } from '../base/randomness.ts';
import { type Recorder, silentRecorder } from '../base/recorder.ts';
import { openAuthority } from './authority.ts';
import { AuthorityFault } from './files.ts';
import type { CertificateAndKey } from './issue.ts';
import { keepRenewed, type Renewal } from './renewal.ts';

const dayMs = 86_400_000;
const names = ['localhost'];

test('a certificate is renewed while its server runs, thirty days before its end', async () => {
  const clock = new ManualClock();
  const authority = await openAuthority(undefined, { clock, randomness: systemRandomness });
  const used: CertificateAndKey[] = [];
  const stop = new AbortController();
  const first = await keepRenewed(
    {
      authority,
      clock,
      recorder: silentRecorder,
      whose: 'test',
      names,
      everyMs: dayMs,
      use: (renewed) => used.push(renewed),
    },
    stop.signal,
  );
  await clock.passes(360 * dayMs);
  assert.deepEqual(used, []);
  await clock.passes(10 * dayMs);
  // Keys are made on another thread, which no clock of a test moves.
  const renewed = await until<CertificateAndKey>('the certificate is renewed', () => used.at(0));
  assert.notEqual(renewed.certificate, first.certificate);
  const left = new X509Certificate(renewed.certificate).validToDate.getTime() - clock.now();
  assert(left > 300 * dayMs);
  stop.abort();
  await clock.passes(800 * dayMs);
  assert.equal(used.length, 1);
});

test('a renewal that fails is told and tried again', async () => {
  const clock = new ManualClock();
  const told: string[] = [];
  const recorder: Recorder = { ...silentRecorder, error: (_, message) => told.push(message) };
  let asked = 0;
  const authority: Renewal['authority'] = {
    certificateFor: () => {
      asked += 1;
      if (asked === 2) return Promise.reject(new AuthorityFault('the disk is full'));
      return Promise.resolve({ certificate: asked < 3 ? 'old' : 'new', key: '' });
    },
    forgetOld: () => Promise.resolve(),
  };
  const used: string[] = [];
  const stop = new AbortController();
  const renewal = { authority, clock, recorder, whose: 'test', names };
  const use = ({ certificate }: CertificateAndKey): void => void used.push(certificate);
  await keepRenewed({ ...renewal, use }, stop.signal);
  await clock.passes(3_600_000);
  assert.deepEqual(told, ['a certificate is not renewed']);
  assert.deepEqual(used, []);
  await clock.passes(3_600_000);
  assert.deepEqual(used, ['new']);
  stop.abort();
});
