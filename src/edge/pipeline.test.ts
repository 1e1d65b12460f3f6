import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentRecorder, type Facts } from '../base/recorder.ts';
import { MemoryStore } from '../cache/memory-store.ts';
import { Origins } from '../origin/origins.ts';
import { catalogOf } from '../../test/harness/configs.ts';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { distributionOf, domain, host } from '../../test/harness/scenario.ts';
import { SeededRandomness } from '../../test/harness/seeded-randomness.ts';
import { ViewerCounts } from './viewer-counts.ts';
import { revision } from '../base/log-record.ts';
import { edgeBounds } from './bounds.ts';
import { CacheNotes } from './cache-notes.ts';
import { Compressions } from './compressed-body.ts';
import { Exchange } from './exchange.ts';
import { Places } from './places.ts';
import { runPipeline } from './pipeline.ts';
import { FailureRecord } from './recording.ts';
import { RoutingTable } from './routing-table.ts';
import { SignatureChecks } from './signed-access/signature-checks.ts';
import { Tally } from './tally.ts';
import type { AnswerAccount, AnswerHead, ViewerAnswer } from './viewer.ts';

class KeptAnswer implements ViewerAnswer {
  readonly gone = new AbortController().signal;
  head: AnswerHead | undefined;
  isCut = false;
  breaks = false;

  get begun(): boolean {
    return this.head !== undefined;
  }

  whole(head: AnswerHead): void {
    this.begin(head);
  }

  begin(head: AnswerHead): void {
    this.head = head;
    if (this.breaks) throw new Error('a broken invariant');
  }

  write(): boolean {
    return true;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  end(): void {}

  cut(): void {
    this.isCut = true;
  }

  account(): AnswerAccount {
    const outcome = this.isCut ? 'cut' : 'whole';
    return { head: this.head, outcome, sentBytes: 0, firstByteMs: undefined, takenMs: 0 };
  }
}

class BrokenStore extends MemoryStore {
  override find(): never {
    throw new Error('a broken store');
  }
}

function exchangeOf(answer: ViewerAnswer, store: MemoryStore) {
  const clock = new ManualClock();
  const errors: Facts[] = [];
  const recorder = { ...silentRecorder, error: (facts: Facts) => void errors.push(facts) };
  const counts = new ViewerCounts();
  const routing = new RoutingTable(domain);
  routing.replaceAll(catalogOf([distributionOf('custom')], revision(1)), revision(1));
  const x = new Exchange(
    {
      bounds: edgeBounds,
      clock,
      randomness: new SeededRandomness(1),
      recorder,
      counts,
      failures: new FailureRecord(clock, recorder, counts),
      compressions: new Compressions(edgeBounds.compressionsMax),
      exchanges: new Tally(edgeBounds.exchangesMax),
      viewersAt: { httpsPort: 443 },
      bodyMemory: new Tally(edgeBounds.bodyMemoryBytesMax),
      signatures: new SignatureChecks(edgeBounds),
      places: new Places([], recorder),
      notes: new CacheNotes(),
      standards: false,
      explain: false,
      routing,
      store,
      origins: new Origins({
        settings: {
          buckets: {},
          privateBuckets: {},
          identityCredentials: [],
          originUrls: {},
          privateOrigins: 'refuse',
          originAuthorities: undefined,
          originConnectTimeoutMs: 1,
          originReadTimeoutMs: 1,
        },
        clock,
        recorder,
        bounds: edgeBounds,
      }),
      originAttemptsMax: 1,
      pop: 'TEST1',
      viaName: 'via',
    },
    {
      fault: undefined,
      request: {
        method: 'GET',
        scheme: 'http',
        httpVersion: '1.1',
        hostText: host,
        path: '/a',
        query: undefined,
        headers: [],
        hasBody: false,
        address: '127.0.0.1',
        port: 40_000,
        headBytes: 60,
        tls: undefined,
      },
    },
    answer,
  );
  return { x, errors };
}

test('a bug is answered with 500, recorded with the way so far, and ends nothing else', () => {
  const answer = new KeptAnswer();
  const { errors, x } = exchangeOf(answer, new BrokenStore({ bytesMax: 1, bodyBytesMax: 1 }));
  assert.equal(runPipeline(x), undefined);
  assert.equal(answer.head?.status, 500);
  assert.equal(answer.head?.close, true);
  const [recorded] = errors;
  assert.equal(recorded?.['requestId'], x.id);
  assert.deepEqual(
    x.steps.map(({ exit }) => exit),
    [
      'route',
      'checkLoop',
      'rootObject',
      'matchBehavior',
      'protocolPolicy',
      'method',
      'country',
      'signedAccess',
      'deriveKey',
      'lookUp',
      'done',
    ],
  );
});

test('a bug in the midst of an answer cuts it', () => {
  const answer = new KeptAnswer();
  answer.breaks = true;
  const { errors, x } = exchangeOf(answer, new MemoryStore({ bytesMax: 1_000, bodyBytesMax: 100 }));
  x.edge.routing.replaceAll(catalogOf([], revision(2)), revision(2));
  assert.equal(runPipeline(x), undefined);
  assert.equal(answer.head?.status, 403);
  assert.equal(answer.isCut, true);
  assert.equal(errors.length, 1);
});
