import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { plainFacts } from '../../test/harness/access-log-lines.ts';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { SeededRandomness } from '../../test/harness/seeded-randomness.ts';
import { until } from '../../test/harness/until.ts';
import { instant } from '../base/clock.ts';
import { type Facts, type Recorder, silentRecorder } from '../base/recorder.ts';
import { type Delivered, DeliveryFailure, type Destination } from './destination.ts';
import { lineBytesMax, LineWriter } from './fields.ts';
import { Shipper, shipperBounds, type ShipperParts } from './shipper.ts';
import { entryStart, journalHead, journalName, type LogTarget, targetLine } from './spool.ts';

const journalId = '0123456789abcdef0123';

/** A bucket in memory that can be told to refuse. */
class TestBucket implements Destination {
  readonly objects = new Map<string, Buffer>();
  refuses: (key: string) => boolean = () => false;
  tries = 0;
  hangs = false;

  async put(file: Delivered, signal: AbortSignal): Promise<void> {
    this.tries += 1;
    if (this.hangs) {
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    }
    if (this.refuses(file.key)) throw new DeliveryFailure('the store answered 503');
    const pieces: Buffer[] = [];
    for await (const piece of file.read()) if (Buffer.isBuffer(piece)) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    assert.equal(bytes.length, file.bytes);
    this.objects.set(file.key, bytes);
  }

  /** The sizes of answers, by which a test tells lines apart, in the order of size. */
  get lines(): number[] {
    return [...this.objects.values()]
      .flatMap((bytes) => gunzipSync(bytes).toString('latin1').split('\n').slice(2, -1))
      .map((line) => Number(line.split('\t')[3]))
      .sort((a, b) => a - b);
  }
}

class World {
  readonly root: string;
  readonly clock = new ManualClock();
  readonly buckets = new Map<string, TestBucket>();
  readonly said: { readonly message: string; readonly facts: Facts }[] = [];
  #journals = 0;

  constructor(t: TestContext) {
    this.root = mkdtempSync(join(tmpdir(), 'warmfront-shipper-'));
    t.after(() => rmSync(this.root, { recursive: true, force: true }));
  }

  bucket(name: string): TestBucket {
    const known = this.buckets.get(name);
    if (known !== undefined) return known;
    const bucket = new TestBucket();
    this.buckets.set(name, bucket);
    return bucket;
  }

  shipper(changed: Partial<ShipperParts> = {}): Shipper {
    const say = (facts: Facts, message: string): void => {
      this.said.push({ facts, message });
    };
    const recorder: Recorder = { ...silentRecorder, info: say, warn: say, error: say };
    return new Shipper({
      root: this.root,
      destinationOf: (name) => this.buckets.get(name),
      spoolBytesMax: 1_000_000_000,
      clock: this.clock,
      randomness: new SeededRandomness(7),
      recorder,
      ...changed,
    });
  }

  spool(edge = 'local1'): string {
    return join(this.root, edge, 'access-log');
  }

  /** A closed journal with a line for each size. */
  closes(
    target: LogTarget,
    sizes: readonly number[],
    { edge = 'local1', ending = '.closed' } = {},
  ): void {
    this.#journals += 1;
    const writer = new LineWriter('modern');
    const lines = sizes.map((sentBytes) => {
      const facts = { ...plainFacts, sentBytes };
      const bytes = Buffer.alloc(lineBytesMax(facts));
      return Buffer.concat([
        Buffer.from(entryStart(1)),
        bytes.subarray(0, writer.write(bytes, 0, facts)),
      ]);
    });
    const name = journalName(instant(this.#journals), journalId, this.#journals);
    mkdirSync(this.spool(edge), { recursive: true });
    writeFileSync(
      join(this.spool(edge), `${name}${ending}`),
      Buffer.concat([Buffer.from(journalHead('modern') + targetLine(1, target)), ...lines]),
    );
  }

  left(edge = 'local1'): readonly string[] {
    return existsSync(this.spool(edge)) ? readdirSync(this.spool(edge)).sort() : [];
  }

  messages(): readonly string[] {
    return this.said.map(({ message }) => message);
  }

  isEmpty(edge = 'local1'): Promise<true> {
    return until(
      'the spool is empty',
      () => (this.left(edge).length === 0 ? (true as const) : undefined),
      { seen: () => this.left(edge).join(' ') },
    );
  }
}

function to(bucket: string, distributionId = 'E1'): LogTarget {
  return { distributionId, bucket, prefix: 'p/' };
}

test('what is closed is delivered and leaves the spool, of every edge there ever was', async (t) => {
  const world = new World(t);
  const logs = world.bucket('logs');
  const shipper = world.shipper();
  shipper.look();
  world.closes(to('logs'), [1, 2], { edge: 'a' });
  world.closes(to('logs'), [3], { edge: 'b' });
  shipper.look();
  await world.isEmpty('a');
  await world.isEmpty('b');
  assert.deepEqual(logs.lines, [1, 2, 3]);
  for (const key of logs.objects.keys()) {
    assert.match(key, /^p\/E1\.2010-11-20-10\.[0-9A-Z]{11}\.gz$/);
  }
  assert.deepEqual(shipper.counts, {
    deliveredFiles: 2,
    deliveredLines: 3,
    droppedFiles: 0,
    droppedLines: 0,
    brokenLines: 0,
  });
  assert.deepEqual(world.messages(), []);
});

test('a bucket that refuses is tried again, ever less often, and holds up no other', async (t) => {
  const world = new World(t);
  const bad = world.bucket('bad');
  const good = world.bucket('good');
  bad.refuses = () => true;
  const shipper = world.shipper();
  world.closes(to('bad'), [1]);
  world.closes(to('good'), [2]);
  shipper.look();
  await until('the good bucket has its file', () => (good.objects.size === 1 ? true : undefined));
  await until('the bad one was tried', () => (bad.tries === 1 ? true : undefined));
  const waits: number[] = [];
  for (let triesBefore = 1; triesBefore < 14; triesBefore += 1) {
    let waited = 0;
    while (bad.tries === triesBefore) {
      await world.clock.passes(25);
      waited += 25;
    }
    waits.push(waited);
  }
  for (const [index, waited] of waits.entries()) {
    const longest = Math.min(shipperBounds.retryMsMin * 2 ** index, shipperBounds.retryMsMax);
    assert(waited >= longest / 2 && waited <= longest + 25, `${index}: ${waited}`);
  }
  assert.deepEqual(world.messages(), ['a bucket does not take access logs; they wait']);

  bad.refuses = () => false;
  await world.clock.passes(shipperBounds.retryMsMax);
  await world.isEmpty();
  assert.deepEqual(bad.lines, [1]);
  assert.equal(world.messages().at(-1), 'a bucket takes access logs again');
});

test('a file that no bucket would take does not keep others from theirs', async (t) => {
  const world = new World(t);
  const logs = world.bucket('logs');
  logs.refuses = (key) => key.includes('EPOISON');
  const shipper = world.shipper();
  world.closes(to('logs', 'EPOISON'), [0]);
  for (const size of [1, 2, 3]) world.closes(to('logs'), [size]);
  shipper.look();
  await until('the others are there', async () => {
    await world.clock.passes(1_000);
    return logs.objects.size === 3 ? true : undefined;
  });
  assert.equal(world.left().length, 1);
});

test('beyond its bound the spool drops what is oldest, and says how much', async (t) => {
  const world = new World(t);
  const logs = world.bucket('logs');
  logs.refuses = () => true;
  const sizes = Array.from({ length: 200 }, (_, index) => index);
  world.closes(to('logs', 'E1'), sizes);
  const first = world.shipper();
  first.look();
  await until('it is parted', () => (logs.tries > 0 ? true : undefined));
  await first.stop(1);
  assert.equal(world.left().length, 1);

  const shipper = world.shipper({ spoolBytesMax: 100_000 });
  for (let more = 2; more <= 60; more += 1) world.closes(to('logs', `E${more}`), [more]);
  world.closes(
    to('logs', 'ELARGE'),
    Array.from({ length: 300 }, (_, index) => 1_000 + index),
  );
  const openBytes = Buffer.alloc(15_000);
  writeFileSync(join(world.spool(), `${journalName(instant(0), journalId, 0)}.open`), openBytes);
  shipper.look();
  await until('something was dropped', () => (shipper.counts.droppedFiles > 0 ? true : undefined));
  const dropped = world.said.find(({ message }) => message.includes('dropped undelivered'));
  assert(dropped !== undefined);
  assert.equal(dropped.facts['lines'], 200, 'the oldest, of which the lines are known');
  assert.equal(shipper.counts.droppedLines, 200);
  logs.refuses = () => false;
  await until('the rest is there', async () => {
    await world.clock.passes(60_000);
    return world.left().length === 1 ? true : undefined;
  });
  assert(logs.lines.includes(1_299), 'the newest was kept');
  assert(!logs.lines.includes(0));
  assert.equal(shipper.counts.droppedFiles + logs.objects.size, 61);
});

test('so many files wait at most, however small', async (t) => {
  const world = new World(t);
  world.bucket('logs').refuses = () => true;
  for (const size of [1, 2, 3, 4, 5]) world.closes(to('logs'), [size]);
  const shipper = world.shipper({ bounds: { ...shipperBounds, filesMax: 3 } });
  shipper.look();
  await until('two were dropped', () => (shipper.counts.droppedFiles === 2 ? true : undefined));
  assert.equal(world.left().length, 3);
});

test('a bucket that is nowhere is told once, and its files wait', async (t) => {
  const world = new World(t);
  const shipper = world.shipper();
  world.closes(to('nowhere'), [1]);
  world.closes(to('nowhere'), [2]);
  shipper.look();
  await until('it is told', () => (world.said.length > 0 ? true : undefined));
  await shipper.stop(1_000);
  assert.equal(world.left().filter((name) => name.endsWith('.ready')).length, 2);
  assert.match(
    world.messages().join(),
    /^access logs go to a bucket that is neither [^,]*; they wait$/,
  );

  // A setting has made it known.
  const nowhere = world.bucket('nowhere');
  world.shipper().look();
  await world.isEmpty();
  assert.deepEqual(nowhere.lines, [1, 2]);
});

test('what a crash left is delivered once: half-made files go, broken lines are counted', async (t) => {
  const world = new World(t);
  const logs = world.bucket('logs');
  world.closes(to('logs'), [1, 2]);
  const [name = ''] = world.left();
  const path = join(world.spool(), name);
  writeFileSync(path, '1\t2010-11-20\t10:0', { flag: 'a' });
  writeFileSync(join(world.spool(), '000000000000001-ABCDEFGHIJK.part'), 'half a file');
  writeFileSync(join(world.spool(), 'README'), 'of no known form');
  const shipper = world.shipper();
  shipper.look();
  await until('it is delivered', () => (world.left().length === 1 ? true : undefined));
  assert.deepEqual(world.left(), ['README']);
  assert.deepEqual(logs.lines, [1, 2]);
  assert.equal(shipper.counts.brokenLines, 1);
  assert.deepEqual(world.messages(), ['lines of an access log were spoilt by a crash']);
});

test('a crash between delivering and forgetting gives the same object again, not a second one', async (t) => {
  const world = new World(t);
  const logs = world.bucket('logs');
  world.closes(to('logs'), [1, 2]);
  const [name = ''] = world.left();
  const path = join(world.spool(), name);
  const journal = readFileSync(path);
  world.shipper().look();
  await world.isEmpty();
  // As it was before: the process died before anything was removed.
  writeFileSync(path, journal);
  world.shipper().look();
  await world.isEmpty();
  assert.equal(logs.tries, 2);
  assert.equal(logs.objects.size, 1);
  assert.deepEqual(logs.lines, [1, 2]);
});

test('files of other releases are left as they are', async (t) => {
  const world = new World(t);
  mkdirSync(world.spool(), { recursive: true });
  const journal = `${journalName(instant(1), journalId, 1)}.closed`;
  const ready = '000000000000001-ABCDEFGHIJK-3.ready';
  writeFileSync(join(world.spool(), journal), '#{"format":2}\nwhatever\n');
  writeFileSync(join(world.spool(), ready), '{"format":2}\nwhatever\n');
  const shipper = world.shipper();
  shipper.look();
  await until('both are told', () => (world.said.length === 2 ? true : undefined));
  shipper.look();
  await shipper.stop(1_000);
  assert.equal(world.said.length, 2);
  assert.deepEqual(world.left(), [ready, journal].sort());
});

test('stopping tries each bucket once more, at once', async (t) => {
  const world = new World(t);
  const logs = world.bucket('logs');
  logs.refuses = () => true;
  const shipper = world.shipper();
  for (const size of [1, 2, 3]) world.closes(to('logs'), [size]);
  shipper.look();
  await until('it was tried', () => (logs.tries === 1 ? true : undefined));
  logs.refuses = () => false;
  world.closes(to('logs'), [4]);
  await shipper.stop(60_000);
  assert.deepEqual(logs.lines, [1, 2, 3, 4]);
  assert.deepEqual(world.left(), []);
});

test('stopping does not wait for a bucket that hangs, and nothing is lost by it', async (t) => {
  const world = new World(t);
  const logs = world.bucket('logs');
  logs.hangs = true;
  const shipper = world.shipper();
  world.closes(to('logs'), [1]);
  shipper.look();
  await until('it hangs', () => (logs.tries === 1 ? true : undefined));
  let stopped = false;
  const stopping = shipper.stop(3_000).then(() => {
    stopped = true;
  });
  await world.clock.passes(2_900);
  assert(!stopped);
  await world.clock.passes(100);
  await stopping;
  assert.equal(world.left().length, 1);
});

test('a spool that cannot be read is tried again', async (t) => {
  const world = new World(t);
  const logs = world.bucket('logs');
  mkdirSync(join(world.root, 'local1'));
  mkdirSync(join(world.spool(), 'x.part'), { recursive: true });
  world.closes(to('logs'), [1]);
  world.shipper().look();
  await until('it is told', () => (world.said.length > 0 ? true : undefined));
  assert.deepEqual(world.messages(), ['the spool of access logs cannot be read or written']);
  rmSync(join(world.spool(), 'x.part'), { recursive: true });
  await world.clock.passes(shipperBounds.lookAgainMs);
  await world.isEmpty();
  assert.deepEqual(logs.lines, [1]);
});
