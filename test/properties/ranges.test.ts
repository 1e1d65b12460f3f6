/**
 * Ranges: whatever was asked before, is stored, was evicted, invalidated or replaced at the origin,
 * each answer is the slice of one version that `subarray` would cut, and of one that may be served.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { headerValue } from '../../src/http/header-list.ts';
import { makeDiskFolder } from '../harness/disk-folder.ts';
import { invalidates } from '../harness/invalidating.ts';
import { propertyRuns } from '../harness/property-runs.ts';
import { setTheStage, type Setting, type Stage } from '../harness/scenario.ts';
import {
  type RangeHabit,
  type Slice,
  type ValidatorKind,
  VersionedObject,
  wantedOf,
} from '../harness/versioned-object.ts';
import type { Answer } from '../harness/viewer.ts';

const lifetimeS = 60;

type Ask = {
  readonly method: 'GET' | 'HEAD';
  readonly range: string | undefined;
  readonly ifRange: 'matching' | 'other' | undefined;
};

type Step =
  | { readonly kind: 'asks'; readonly asks: readonly Ask[] }
  | { readonly kind: 'passes'; readonly seconds: number }
  | { readonly kind: 'changes'; readonly length: number }
  | { readonly kind: 'invalidated' }
  | { readonly kind: 'forgets' };

type Case = {
  readonly length: number;
  readonly habit: RangeHabit;
  readonly validator: ValidatorKind;
  readonly steps: readonly Step[];
};

const passes = fc
  .constantFrom(1, 30, 59, 61, 200)
  .map((seconds) => ({ kind: 'passes', seconds }) as const);
const quiet = [
  passes,
  fc.constant({ kind: 'invalidated' } as const),
  fc.constant({ kind: 'forgets' } as const),
];

function stepsOf(ask: fc.Arbitrary<Ask>, length: fc.Arbitrary<number>): fc.Arbitrary<Step[]> {
  const asks = fc
    .array(ask, { minLength: 1, maxLength: 3 })
    .map((all) => ({ kind: 'asks', asks: all }) as const);
  const changes = length.map((given) => ({ kind: 'changes', length: given }) as const);
  const step = fc.oneof(
    { weight: 10, arbitrary: asks },
    { weight: 2, arbitrary: changes },
    ...quiet.map((arbitrary) => ({ weight: 1, arbitrary })),
  );
  return fc.array(step, { minLength: 1, maxLength: 12 });
}

const place = fc.nat(320);
/** Neighbors that meet and overlap, so that parts are joined. */
const neighbor = fc
  .tuple(fc.nat(3), fc.integer({ min: 1, max: 3 }))
  .map(([first, count]) => `${first * 40}-${(first + count) * 40 - 1}`);
const member = fc.oneof(
  { weight: 6, arbitrary: neighbor },
  { weight: 3, arbitrary: fc.tuple(place, fc.nat(120)).map(([at, more]) => `${at}-${at + more}`) },
  { weight: 2, arbitrary: place.map((at) => `${at}-`) },
  { weight: 2, arbitrary: fc.nat(350).map((count) => `-${count}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('5-2', '0--1', '-', 'a-b', '1', '70000-80000', '-66000'),
  },
);
const oneRange = member.map((one) => `bytes=${one}`);
/** Mostly in order, as otherwise the whole is the answer. */
const severalRanges = fc
  .array(fc.tuple(fc.nat(60), fc.nat(40)), { minLength: 2, maxLength: 4 })
  .map((gaps) => {
    let at = 0;
    const members = gaps.map(([gap, more]) => {
      const start = at + gap;
      at = start + more + 1;
      return `${start}-${start + more}`;
    });
    return `bytes=${members.join(',')}`;
  });
const anyRanges = fc
  .array(member, { minLength: 2, maxLength: 3 })
  .map((members) => `bytes=${members.join(',')}`);

const smallAsk: fc.Arbitrary<Ask> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'GET', 'GET', 'GET', 'HEAD'),
  range: fc.oneof(
    { weight: 8, arbitrary: oneRange },
    { weight: 3, arbitrary: severalRanges },
    { weight: 1, arbitrary: anyRanges },
    { weight: 2, arbitrary: fc.constant(undefined) },
  ),
  ifRange: fc.constantFrom(undefined, undefined, undefined, undefined, 'matching', 'other'),
});

const smallLength = fc.oneof(
  { weight: 10, arbitrary: fc.nat(300) },
  { weight: 1, arbitrary: fc.integer({ min: 65_000, max: 90_000 }) },
);

const smallCase: fc.Arbitrary<Case> = fc.record({
  length: smallLength,
  habit: fc.constantFrom('all', 'all', 'all', 'one', 'none', 'none, in chunks'),
  validator: fc.constantFrom('strong', 'strong', 'strong', 'weak', 'date', 'none'),
  steps: stepsOf(smallAsk, smallLength),
});

/** Around the places where counting in 31 or 32 bits would end, and where objects may. */
const hugeLength = fc.constantFrom(2 ** 31 + 5, 2 ** 32 + 5, 2 ** 33 - 1, 50 * 1_024 ** 3);
const hugePlace = fc
  .tuple(fc.constantFrom(0, 2 ** 31, 2 ** 32, 2 ** 33, 50 * 1_024 ** 3 - 40), fc.nat(80))
  .map(([around, more]) => Math.max(0, around + more - 40));
const hugeAsk: fc.Arbitrary<Ask> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'GET', 'GET', 'HEAD'),
  range: fc
    .oneof(
      {
        weight: 4,
        arbitrary: fc.tuple(hugePlace, fc.nat(50)).map(([at, more]) => `${at}-${at + more}`),
      },
      { weight: 1, arbitrary: fc.nat(80).map((count) => `-${count}`) },
    )
    .map((one) => `bytes=${one}`),
  ifRange: fc.constant(undefined),
});
const hugeCase: fc.Arbitrary<Case> = fc.record({
  length: hugeLength,
  habit: fc.constant('all'),
  validator: fc.constantFrom('strong', 'strong', 'date', 'weak', 'none'),
  steps: stepsOf(hugeAsk, hugeLength),
});

/** Larger than the cache takes in one, so that they are kept in pieces of 1 MiB. */
const mebibyte = 1_048_576;
const largeLength = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.nat(2_000))
  .map(([count, more]) => count * mebibyte + more);
const largePlace = fc
  .tuple(fc.nat(3), fc.nat(200))
  .map(([count, more]) => Math.max(0, count * mebibyte + more - 100));
const largeCase: fc.Arbitrary<Case> = fc.record({
  length: largeLength,
  habit: fc.constantFrom('all', 'all', 'one', 'none', 'none, in chunks'),
  validator: fc.constantFrom('strong', 'strong', 'date', 'weak', 'none'),
  steps: stepsOf(
    fc.record({
      method: fc.constant('GET'),
      range: fc.oneof(
        fc.constant(undefined),
        fc.tuple(largePlace, fc.nat(300)).map(([at, more]) => `bytes=${at}-${at + more}`),
        largePlace.map((at) => `bytes=${at}-`),
        largePlace.map((count) => `bytes=-${count}`),
      ),
      ifRange: fc.constant(undefined),
    }),
    largeLength,
  ),
});
const largeSettings = { cacheBytesMax: 4 * mebibyte, cachedBodyBytesMax: mebibyte };

for (const [title, cases, setting, runs] of [
  ['a roomy cache', smallCase, {}, 200],
  ['a cache with room for a few parts', smallCase, { settings: { cacheBytesMax: 4_096 } }, 100],
  ['objects in pieces', largeCase, { settings: largeSettings }, 8],
  ['objects of many gigabytes', hugeCase, {}, 60],
] as const) {
  test(`each range is the slice of one version: ${title}`, async (t) => {
    await everyCaseHolds(t, cases, setting, propertyRuns(runs));
  });
}

test('each range is the slice of one version: a cache on disk behind little memory', async (t) => {
  const { folder, remove } = await makeDiskFolder();
  t.after(remove);
  const disk = { folder, bytesMax: 262_144 };
  const setting = { settings: { cacheBytesMax: 4_096 }, disk };
  await everyCaseHolds(t, smallCase, setting, propertyRuns(100));
});

async function everyCaseHolds(
  t: TestContext,
  cases: fc.Arbitrary<Case>,
  setting: Setting,
  numRuns: number,
): Promise<void> {
  await using stage = await setTheStage(setting, t);
  const objects = new Map<string, VersionedObject>();
  stage.origin.does((socket, asked) => objects.get(asked.target)?.answer(socket, asked));
  let count = 0;
  const property = fc.asyncProperty(cases, async ({ steps, ...given }) => {
    count += 1;
    const path = `/${count}`;
    const object = new VersionedObject({ ...given, clock: stage.clock, lifetimeS });
    objects.set(path, object);
    for (const step of steps) await take(step, stage, path, object);
    objects.delete(path);
  });
  await fc.assert(property, { numRuns });
}

async function take(step: Step, stage: Stage, path: string, object: VersionedObject) {
  switch (step.kind) {
    case 'asks':
      await Promise.all(step.asks.map((ask) => asks(ask, stage, path, object)));
      return;
    case 'passes':
      await stage.clock.passes(step.seconds * 1_000);
      return;
    case 'changes':
      object.changes(step.length);
      return;
    case 'invalidated':
      invalidates(stage, path);
      object.isInvalidated();
      return;
    default:
      stage.edge.forget();
  }
}

async function asks(
  { ifRange, method, range }: Ask,
  { viewer }: Stage,
  path: string,
  object: VersionedObject,
): Promise<void> {
  const named =
    ifRange === 'matching' ? (object.strongValidator(object.current) ?? '"none"') : '"other"';
  const wholesBefore = object.wholesGiven;
  const headers = {
    ...(range === undefined ? {} : { Range: range }),
    ...(ifRange === undefined ? {} : { 'If-Range': named }),
  };
  const answer = await viewer.asks(method, path, headers).answer.catch((cut: unknown) => {
    // It was begun with an older version, of which the origin has no more to give; not so again.
    assert(object.allowed().length > 1, `cut, though nothing changed: ${String(cut)}`);
    return viewer.asks(method, path, headers).answer;
  });
  const shown = `${method} ${range} If-Range ${ifRange} → ${answer.status} ${JSON.stringify(answer.headers)}`;
  if (answer.status === 416) {
    assert(range !== undefined && method === 'GET' && ifRange !== 'other', shown);
    const told = headerValue(answer.headers, 'content-range');
    const lengths = object.allowed().map((version) => object.lengthOf(version));
    const fitting = lengths.filter(
      (length) => told === `bytes */${length}` && wantedOf(range, length).length === 0,
    );
    assert(fitting.length > 0, shown);
    return;
  }
  const version = Number(headerValue(answer.headers, 'x-version'));
  assert(object.allowed().includes(version), `${shown}: of ${object.allowed().join(', ')}`);
  const length = object.lengthOf(version);
  if (method === 'HEAD') {
    assert.equal(answer.status, 200, shown);
    const told = headerValue(answer.headers, 'content-length');
    if (told !== undefined) assert.equal(told, String(length), shown);
    return;
  }
  const applies = ifRange === undefined || named === object.strongValidator(version);
  const wanted = range === undefined || !applies ? 'whole' : wantedOf(range, length);
  if (answer.status === 200) {
    // Only where the origin has just given it, whatever it was asked.
    assert(wanted === 'whole' || object.wholesGiven > wholesBefore, shown);
    assertBytes(answer.bytes, object, version, { start: 0, end: length }, shown);
    return;
  }
  assert.equal(answer.status, 206, shown);
  assert(wanted !== 'whole' && wanted.length > 0, shown);
  for (const [index, { bytes, told }] of partsOf(answer).entries()) {
    const slice: Slice | undefined = wanted[index];
    assert(slice, `${shown}: more parts than were asked for`);
    assert.equal(told, `bytes ${slice.start}-${slice.end - 1}/${length}`, shown);
    assertBytes(bytes, object, version, slice, shown);
  }
  assert.equal(partsOf(answer).length, wanted.length, shown);
}

function assertBytes(
  bytes: Buffer,
  object: VersionedObject,
  version: number,
  slice: Slice,
  shown: string,
): void {
  assert(
    bytes.equals(object.bytes(version, slice)),
    `${shown}: other bytes than version ${version}`,
  );
}

function partsOf({ bytes, headers }: Answer): readonly { told: string; bytes: Buffer }[] {
  const type = headerValue(headers, 'content-type') ?? '';
  const boundary = /^multipart\/byteranges; boundary=(\w+)$/.exec(type)?.[1];
  if (boundary === undefined) {
    return [{ told: headerValue(headers, 'content-range') ?? '', bytes }];
  }
  const parts: { told: string; bytes: Buffer }[] = [];
  for (let at = 0; ; ) {
    const head = bytes.indexOf(`\r\n--${boundary}\r\n`, at);
    if (head < 0) break;
    const begin = bytes.indexOf('\r\n\r\n', head) + 4;
    const told = /content-range: ([^\r]*)/i.exec(bytes.toString('latin1', head, begin))?.[1] ?? '';
    const sizes = /^bytes (\d+)-(\d+)\//.exec(told);
    at = begin + Number(sizes?.[2]) - Number(sizes?.[1]) + 1;
    parts.push({ told, bytes: bytes.subarray(begin, at) });
  }
  assert.equal(bytes.toString('latin1').slice(-(boundary.length + 8)), `\r\n--${boundary}--\r\n`);
  return parts;
}
