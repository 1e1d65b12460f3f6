/**
 * A random origin and random viewers against a cache that is written as plainly as possible: the
 * edge answers each request as that one does, and asks the origin when that one does.
 */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { instant } from '../../src/base/clock.ts';
import { formatHttpDate } from '../../src/http/dates.ts';
import { headerValue } from '../../src/http/header-list.ts';
import { invalidates } from '../harness/invalidating.ts';
import type { OriginAsked } from '../harness/origin.ts';
import { propertyRuns } from '../harness/property-runs.ts';
import {
  type Directives,
  type Expected,
  type Page,
  ReferenceCache,
  type Request,
  type Ttl,
} from '../harness/reference-cache.ts';
import { setTheStage, type Stage } from '../harness/scenario.ts';
import type { Answer } from '../harness/viewer.ts';

type Step =
  | { readonly kind: 'asks'; readonly name: string; readonly request: Omit<Request, 'path'> }
  | {
      readonly kind: 'burst';
      readonly name: string;
      readonly variant: string;
      readonly count: number;
    }
  | { readonly kind: 'passes'; readonly seconds: number }
  | {
      readonly kind: 'changes';
      readonly name: string;
      readonly page: Omit<Page, 'version'>;
      readonly isNew: boolean;
    }
  | { readonly kind: 'invalidated'; readonly name: string };

const names = fc.constantFrom('a', 'a', 'b');
const variant = fc.constantFrom('', '', '1', '2');
const seconds = fc.constantFrom(0, 1, 5, 20, 40, 100, 1_000);

const cacheControl: fc.Arbitrary<Directives> = fc.record(
  {
    'max-age': seconds,
    's-maxage': seconds,
    'stale-if-error': seconds,
    'no-cache': fc.constant(true as const),
    'no-store': fc.constant(true as const),
    private: fc.constant(true as const),
    'must-revalidate': fc.constant(true as const),
  },
  { requiredKeys: [] },
);
/** One directive alone is what most origins send. */
const usualControl: fc.Arbitrary<Directives> = fc.oneof(
  seconds.map((given) => ({ 'max-age': given })),
  seconds.map((given) => ({ 'max-age': 20, 'stale-if-error': given })),
  fc.tuple(seconds, seconds).map(([own, shared]) => ({ 'max-age': own, 's-maxage': shared })),
  fc.constantFrom<Directives>({ 'no-cache': true }, { 'no-store': true }, { private: true }),
);

const page: fc.Arbitrary<Omit<Page, 'version'>> = fc.record({
  isDown: fc.constantFrom(false, false, false, false, true),
  status: fc.constantFrom(200, 200, 200, 200, 200, 200, 200, 301, 404, 410, 410, 403, 500, 503),
  cacheControl: fc.oneof(usualControl, usualControl, cacheControl, fc.constant(undefined)),
  expires: fc.constantFrom<Page['expires']>(
    undefined,
    undefined,
    undefined,
    'invalid',
    -5,
    0,
    10,
    60,
  ),
  age: fc.constantFrom(undefined, undefined, undefined, 0, 3, 15),
  hasEtag: fc.boolean(),
  hasLastModified: fc.boolean(),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('asks' as const),
      name: names,
      request: fc.record({
        method: fc.constantFrom('GET', 'GET', 'GET', 'GET', 'HEAD'),
        variant,
        heldVersion: fc.constantFrom(undefined, undefined, undefined, 1, 2),
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('burst' as const),
      name: names,
      variant,
      count: fc.integer({ min: 2, max: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('passes' as const),
      seconds: fc.constantFrom(1, 5, 9, 10, 10, 19, 20, 20, 39, 60, 99, 500),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('changes' as const),
      name: names,
      page,
      isNew: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('invalidated' as const), name: names }) },
);

const firstPage = page.map((given) => ({ ...given, isDown: false, version: 1 }));
const life = fc.record({
  first: firstPage,
  steps: fc.array(step, { minLength: 6, maxLength: 30 }),
});

for (const ttl of [
  { min: 0, default: 86_400, max: 31_536_000 },
  { min: 0, default: 30, max: 50 },
  { min: 15, default: 30, max: 50 },
  { min: 0, default: 0, max: 50 },
  { min: 20, default: 20, max: 20 },
  { min: 0, default: 0, max: 0 },
]) {
  test(`as the reference has it: lifetimes ${Object.values(ttl).join(', ')}`, async (t) => {
    await agreesWithReference(t, ttl);
  });
}

async function agreesWithReference(t: TestContext, ttl: Ttl): Promise<void> {
  await using stage = await setTheStage(
    {
      behavior: {
        minTtlS: ttl.min,
        defaultTtlS: ttl.default,
        maxTtlS: ttl.max,
        keyedHeaders: ['x-variant'],
      },
      // That answers for one viewer each are not waited for is no matter of what is answered.
      bounds: { unsharedMs: 0 },
    },
    t,
  );
  const pages = new Map<string, Page>();
  stage.origin.does((socket, asked) => {
    const given = pages.get(asked.target);
    if (given !== undefined) originAnswers(stage, socket, asked, given);
  });
  let count = 0;
  await fc.assert(
    fc.asyncProperty(life, async ({ first, steps }) => {
      count += 1;
      const reference = new ReferenceCache(ttl);
      const world = { stage, pages, reference };
      for (const name of ['a', 'b']) pages.set(`/${count}/${name}`, first);
      for (const one of steps) await take(one, world, `/${count}`);
    }),
    { numRuns: propertyRuns(120) },
  );
}

type World = { stage: Stage; pages: Map<string, Page>; reference: ReferenceCache };

async function take(one: Step, { pages, reference, stage }: World, folder: string): Promise<void> {
  if (one.kind === 'passes') {
    await stage.clock.passes(one.seconds * 1_000);
    return;
  }
  const path = `${folder}/${one.name}`;
  const known = pages.get(path);
  assert(known);
  if (one.kind === 'changes') {
    pages.set(path, { ...one.page, version: known.version + (one.isNew ? 1 : 0) });
    return;
  }
  if (one.kind === 'invalidated') {
    reference.invalidates(path);
    invalidates(stage, path);
    return;
  }
  const requests: Request[] =
    one.kind === 'asks'
      ? [{ ...one.request, path }]
      : Array.from({ length: one.count }, () => ({
          method: 'GET',
          path,
          variant: one.variant,
          heldVersion: undefined,
        }));
  const now = stage.clock.now() / 1_000;
  const expected = requests.map((request) => reference.answer(request, known, now));
  // Only what one answer serves for all is the same whether they come at once or in turn; those who
  // waited for an origin that fails are told so without an age.
  const together = !known.isDown && expected.slice(1).every(({ isAsked }) => !isAsked);
  const before = stage.origin.asked.length;
  const answers = together
    ? await Promise.all(requests.map((request) => asks(stage, request)))
    : await inTurn(requests, (request) => asks(stage, request));
  const shown = `${JSON.stringify(known)}: ${JSON.stringify(requests[0])}`;
  const seen = answers.map((answer, index) => seenIn(answer, requests[index], path));
  assert.deepEqual(seen.toSorted(), expected.map(shownOf).toSorted(), shown);
  const asked = expected.filter(({ isAsked }) => isAsked).length;
  // Who gets no answer may try again.
  if (!known.isDown) assert.equal(stage.origin.asked.length - before, asked, shown);
}

async function inTurn<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await act(item));
  return results;
}

function asks({ viewer }: Stage, { heldVersion, method, path, variant: given }: Request) {
  return viewer.asks(method, path, {
    ...(given === '' ? {} : { 'X-Variant': given }),
    ...(heldVersion === undefined ? {} : { 'If-None-Match': `"v${heldVersion}"` }),
  }).answer;
}

function seenIn({ body, headers, status }: Answer, request: Request | undefined, path: string) {
  const version = headerValue(headers, 'x-version');
  if (version !== undefined && request?.method === 'GET' && status !== 304) {
    assert.equal(body, bodyOf(path, Number(version)), 'the body of the version');
  }
  const xCache = headerValue(headers, 'x-cache')?.split(' ')[0];
  const age = headerValue(headers, 'age');
  return `${status} ${xCache}, version ${status === 304 ? undefined : version}, age ${age}`;
}

function shownOf({ age, status, version, xCache }: Expected): string {
  return `${status} ${xCache}, version ${version}, age ${age}`;
}

function bodyOf(path: string, version: number): string {
  return `${path} ${version} `.repeat(version);
}

function originAnswers(
  { clock, origin }: Stage,
  socket: Socket,
  { headers, method, target }: OriginAsked,
  given: Page,
): void {
  if (given.isDown) {
    socket.destroy();
    return;
  }
  assert(origin.asked.length > 0);
  const now = clock.now();
  const etag = `"v${given.version}"`;
  const modified = formatHttpDate(instant(Date.UTC(2025, 0, given.version)));
  const lines = [`Date: ${formatHttpDate(now)}`, `X-Version: ${given.version}`];
  if (given.cacheControl !== undefined) {
    const said = Object.entries(given.cacheControl);
    const text = said.map(([name, value]) => (value === true ? name : `${name}=${value}`));
    if (text.length > 0) lines.push(`Cache-Control: ${text.join(', ')}`);
  }
  if (given.expires === 'invalid') lines.push('Expires: 0');
  else if (given.expires !== undefined) {
    lines.push(`Expires: ${formatHttpDate(instant(now + given.expires * 1_000))}`);
  }
  if (given.age !== undefined) lines.push(`Age: ${given.age}`);
  if (given.status === 200 && given.hasEtag) lines.push(`ETag: ${etag}`);
  if (given.status === 200 && given.hasLastModified) lines.push(`Last-Modified: ${modified}`);

  const ifNoneMatch = headerValue(headers, 'if-none-match');
  const isHeld =
    ifNoneMatch === undefined
      ? given.hasLastModified && headerValue(headers, 'if-modified-since') === modified
      : given.hasEtag && ifNoneMatch === etag;
  if (given.status === 200 && isHeld) {
    socket.write(`HTTP/1.1 304 Held\r\n${lines.join('\r\n')}\r\n\r\n`);
    return;
  }
  const body = bodyOf(target, given.version);
  lines.push(`Content-Length: ${body.length}`);
  const shown = method === 'HEAD' ? '' : body;
  socket.write(`HTTP/1.1 ${given.status} Said\r\n${lines.join('\r\n')}\r\n\r\n${shown}`);
}
