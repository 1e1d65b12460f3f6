/** What origins send in fields: caching, dates, tags, variants, and how an edge changes them. */
import assert from 'node:assert/strict';
import { instant } from '../../src/base/clock.ts';
import { compressedHeaders, decideCompression } from '../../src/cache/compressible.ts';
import { decideStoring } from '../../src/cache/storable.ts';
import { lifetimeSMax, parseCacheControl } from '../../src/http/cache-control.ts';
import { isNotModified, judgeAtOrigin, rangeStillApplies } from '../../src/http/conditionals.ts';
import { formatHttpDate, parseHttpDate, parseSignedDate } from '../../src/http/dates.ts';
import { isEtag, namesEtag, stronglyEqual, weaklyEqual } from '../../src/http/etag.ts';
import {
  endToEnd,
  headerValue,
  type HeaderList,
  headerValues,
} from '../../src/http/header-list.ts';
import { targetedControl } from '../../src/http/targeted-control.ts';
import { variesOnEverything, varyNames, withVaryForViewers } from '../../src/http/vary.ts';
import type { Target } from './target.ts';

const now = instant(Date.UTC(2026, 0, 1));
const controls = [
  'max-age=60, s-maxage=120, public',
  'no-cache="Set-Cookie, x", private="a"',
  'stale-while-revalidate=5,stale-if-error="10", must-revalidate',
  'no-store, no-transform, max-age=1, max-age=2',
];
const ofControls = [
  ',',
  '=',
  '"',
  '\\',
  ' ',
  '\t',
  ';',
  'max-age',
  'private',
  'no-cache="',
  '99999999999999999999',
  '-1',
  '\xff',
];

function controlHolds(text: string): void {
  const said = parseCacheControl(['Cache-Control', text]);
  for (const seconds of [said.maxAge, said.sMaxage, said.staleIfError, said.staleWhileRevalidate]) {
    assert(seconds === undefined || (Number.isInteger(seconds) && seconds >= 0));
    assert((seconds ?? 0) <= lifetimeSMax);
  }
  for (const field of said.withheldFields) assert.match(field, /^[^\s,A-Z]+$/);
}

/** Names of fields that anything may be made of, from a text with a line for each. */
function fieldsOf(text: string): HeaderList {
  return text
    .split('\n')
    .slice(0, 100)
    .flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [line.slice(0, colon), line.slice(colon + 1).trim()] : [];
    });
}

const answers = [
  'Content-Type: text/html\nContent-Length: 2000\nETag: "a"\nVary: Cookie, Origin\nDate: Thu, 01 Jan 2026 00:00:00 GMT',
  'cache-control: max-age=60\nAge: 5\nExpires: 0\nConnection: x, close\nX: 1\nKeep-Alive: 1\nset-cookie: a=b',
  'Content-Encoding: gzip\nvary: *\nETag: W/"x"\nContent-MD5: y\nlast-modified: Thu, 01 Jan 2026 00:00:00 GMT',
];

function answerHolds(text: string): void {
  const headers = fieldsOf(text);
  const decided = decideStoring({
    method: 'GET',
    status: 200,
    headers,
    originHeaders: headers,
    askedAt: now,
    receivedAt: now,
    ttl: { minS: 0, defaultS: 60, maxS: 3_600 },
  });
  if (decided.kind === 'store') {
    const { ageAtArrivalMs, lifetimeS } = decided.aging;
    assert(lifetimeS >= 0 && lifetimeS <= 3_600 && ageAtArrivalMs >= 0);
    assert.equal(headerValue(decided.headers, 'age'), undefined);
  }
  assert.equal(headerValue(endToEnd(headers), 'connection'), undefined);
  const compressed = compressedHeaders(headers, 'br');
  assert.equal(headerValue(compressed, 'content-length'), undefined);
  for (const etag of headerValues(compressed, 'etag')) assert.match(etag, /^W\/"/);
  assert(varyNames(compressed).includes('accept-encoding') || variesOnEverything(compressed));
  const decision = decideCompression({
    method: 'GET',
    hasRange: false,
    hasBody: true,
    status: 200,
    headers,
    ttl: { minS: 0, defaultS: 60, maxS: 3_600 },
    compresses: true,
    accepted: 'br,gzip',
  });
  if (decision.kind === 'compress') assert(decision.length >= 1_000 && decision.length <= 1e7);
  const shown = withVaryForViewers(headers);
  assert.deepEqual(withVaryForViewers(shown), shown);
}

/** A list of tags, one character after the other; undefined: it is none. */
function tagsOf(text: string): readonly string[] | undefined {
  const tags: string[] = [];
  let rest = text;
  while (rest !== '') {
    const open = rest.startsWith('W/"') ? 3 : rest.startsWith('"') ? 1 : 0;
    const close = rest.indexOf('"', open);
    if (open === 0 || close < 0) return undefined;
    const tag = rest.slice(0, close + 1);
    if (/[\0-\x20\x7f]/.test(tag)) return undefined;
    tags.push(tag);
    rest = rest.slice(close + 1).replace(/^[\t ]+/, '');
    if (rest === '') break;
    if (!rest.startsWith(',')) return undefined;
    rest = rest.replace(/^[\t ,]+/, '');
  }
  return tags;
}

function tagsHold(text: string): void {
  for (const [etag, equal] of [
    ['"a"', weaklyEqual],
    ['W/"a"', weaklyEqual],
    ['"a"', stronglyEqual],
  ] as const) {
    const named = namesEtag(text, etag, equal);
    if (text.length > 2_000) continue;
    const slow = text.trim() === '*' || (tagsOf(text)?.some((tag) => equal(tag, etag)) ?? false);
    assert.equal(named, slow);
  }
  if (isEtag(text)) assert.deepEqual(tagsOf(text), [text]);
}

function targetedHolds(text: string): void {
  for (const name of ['CDN-Cache-Control', 'Surrogate-Control']) {
    const { isTargeted, said } = targetedControl(['Cache-Control', 'max-age=7', name, text]);
    if (!isTargeted) assert.equal(said.maxAge, 7);
    for (const seconds of [said.maxAge, said.staleIfError, said.staleWhileRevalidate]) {
      assert(seconds === undefined || (seconds >= 0 && seconds <= lifetimeSMax));
    }
  }
}

/** The same conditions at a cache and at the origin: they never contradict each other. */
function conditionsHold(text: string): void {
  const request = fieldsOf(text);
  const held = { etag: '"a"', lastModified: 'Thu, 01 Jan 2026 00:00:00 GMT' };
  const atCache = isNotModified(request, { ...held, date: undefined }, now);
  const atOrigin = judgeAtOrigin(request, held, now);
  assert(atOrigin === 'failed' || (atOrigin === 'not-modified') === atCache);
  const nothing = { etag: undefined, lastModified: undefined };
  if (headerValue(request, 'if-range') === undefined) assert(rangeStillApplies(request, held));
  else assert(!rangeStillApplies(request, nothing));
}

const conditions = [
  'If-None-Match: "a", W/"b"\nIf-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT',
  'If-Match: *\nIf-Unmodified-Since: Thu, 01 Jan 2026 00:00:00 GMT',
  'If-Range: "a"\nRange: bytes=0-1',
  'if-range: Thu, 01 Jan 2026 00:00:00 GMT\nif-none-match: *',
];

export const answerTargets: readonly Target[] = [
  { name: 'Cache-Control', seeds: controls, tokens: ofControls, holds: controlHolds },
  {
    name: 'targeted controls',
    seeds: [
      'max-age=60, stale-while-revalidate=5;x=y, no-cache=?0',
      'max-age=60+10, content="ESI/1.0", no-store;warmfront',
      'a=(1 2 "x");q=:aGk=:, private=?1',
      ...controls,
    ],
    tokens: [...ofControls, '?1', '(', ')', ';warmfront', ':aGk=:', '+5', '1.5', '*'],
    holds: targetedHolds,
  },
  {
    name: 'conditions',
    seeds: conditions,
    tokens: ['"', 'W/', ',', '*', '\n', ':', ' ', 'If-None-Match: ', 'If-Range: ', '2026', '\xff'],
    holds: conditionsHold,
  },
  {
    name: 'dates',
    seeds: [
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'Sun Nov  6 08:49:37 1994',
      '6 Nov 1994 08:49 +0130',
    ],
    tokens: [
      'Sun',
      ', ',
      ' ',
      '-',
      ':',
      'Feb',
      '29',
      '31',
      '00',
      '60',
      '24',
      'GMT',
      '-0000',
      '9999',
    ],
    holds(text) {
      for (const at of [parseHttpDate(text, now), parseSignedDate(text, now)]) {
        if (at === undefined) continue;
        assert(Number.isSafeInteger(at));
        const year = new Date(at).getUTCFullYear();
        if (year >= 0 && year <= 9_999) assert.equal(parseHttpDate(formatHttpDate(at), now), at);
      }
    },
  },
  {
    name: 'tags',
    seeds: ['"a"', 'W/"a", "b"', '*', '"a" ,, W/"c"', '""'],
    tokens: ['"', 'W/', ',', ' ', '\t', '*', 'a', '\\', '\x80', '\x7f'],
    holds: tagsHold,
  },
  {
    name: 'fields of answers',
    seeds: answers,
    tokens: [...ofControls, '\n', ':', 'Vary: ', 'Cache-Control: ', 'Connection: ', 'Age: ', '*'],
    holds: answerHolds,
  },
];
