/**
 * Results: what the access log says of every way an exchange can end (edge contract 8.2, 13.2 and
 * 13.3), each brought about over real sockets.
 */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { plainLogging } from '../../src/model/plain-config.ts';
import { testAuthority } from '../harness/certificates.ts';
import { assertHas, type Lines, logged } from '../harness/logged.ts';
import {
  customOrigin,
  distributionOf,
  domain,
  host,
  type Setting,
  type Stage,
} from '../harness/scenario.ts';
import type { Asking } from '../harness/viewer.ts';

/** Result type, what was judged before sending, and the detail; one word stands for all three. */
type Told = string | readonly [string, string, string];

type Case = {
  readonly told: Told;
  /** What was asked before, and has lines of its own. */
  readonly first?: (stage: Stage) => Promise<unknown>;
  readonly asked: (stage: Stage) => Asking;
  readonly setting?: Setting;
};

async function assertTold(lines: Lines, number: number, told: Told): Promise<void> {
  const [result, judged, detail] = typeof told === 'string' ? [told, told, told] : told;
  assertHas(await lines.nth(number), {
    'x-edge-result-type': result,
    'x-edge-response-result-type': judged,
    'x-edge-detailed-result-type': detail,
  });
}

const detailOf = (told: Told): string => (typeof told === 'string' ? told : told[2]);
const error = (detail: string): Told => ['Error', 'Error', detail];
const object = { etag: '"v"', 'cache-control': 'max-age=60' };
const get = ({ viewer }: Stage) => viewer.gets('/a');
/** A connection that was closed before an answer is tried anew once, and then counts. */
const repeats = 1;
const head200 = 'HTTP/1.1 200 OK\r\n';

async function stored(stage: Stage): Promise<void> {
  stage.origin.answers(200, object, '0123456789');
  await get(stage).sees({ xCache: 'Miss' });
}

async function stale(stage: Stage): Promise<void> {
  await stored(stage);
  await stage.clock.passes(61_000);
}

function sending(bytes: string, path = '/a', headers: Readonly<Record<string, string>> = {}) {
  return ({ origin, viewer }: Stage): Asking => {
    origin.sends(bytes, 'end');
    return viewer.gets(path, headers);
  };
}

const range = { Range: 'bytes=0-4' };
const part = 'HTTP/1.1 206 Partial Content\r\nETag: "v"\r\n';
const impatient = { originReadTimeoutMs: 50, originConnectAttempts: 1 };
const authority = await testAuthority('Result Types Authority');
const nobodys = await authority.issue(['other.example.com']);

const cases: Readonly<Record<string, Case>> = {
  fetched: {
    told: 'Miss',
    asked: (stage) => {
      stage.origin.answers(200, object, 'a');
      return get(stage);
    },
  },
  'out of the cache': { told: 'Hit', first: stored, asked: get },
  'confirmed by the origin': {
    told: 'RefreshHit',
    first: stale,
    asked: (stage) => {
      stage.origin.whenAsked({ 'if-none-match': '"v"' }).answers(304, object);
      return get(stage);
    },
  },
  'stale, as the origin fails': {
    told: 'Hit',
    first: stale,
    asked: (stage) => {
      stage.origin.answers(500);
      return get(stage);
    },
  },
  'an error of the origin': {
    told: 'Error',
    asked: (stage) => {
      stage.origin.answers(503);
      return get(stage);
    },
  },
  'an error of the origin, remembered': {
    told: 'Error',
    first: (stage) => {
      stage.origin.answers(404);
      return get(stage).sees({ status: 404 });
    },
    asked: get,
  },
  'a failure of the origin, remembered': {
    told: 'Error',
    first: async (stage) => {
      await stage.origin.close();
      await get(stage).sees({ status: 502 });
    },
    asked: get,
  },
  'an origin whose name leads nowhere': {
    told: error('OriginDnsError'),
    asked: (stage) => {
      const origins = [{ ...customOrigin, domainName: 'nowhere.invalid' }];
      const logging = { ...plainLogging, bucket: 'logs.s3.amazonaws.com' };
      stage.serves(distributionOf('custom', { origins, logging }));
      return get(stage);
    },
  },
  'an origin that is not trusted': {
    told: error('OriginConnectError'),
    setting: { originScheme: 'https', originCertificate: nobodys },
    asked: get,
  },
  'an origin that says nothing': {
    told: error('OriginCommError'),
    setting: { settings: impatient },
    asked: (stage) => {
      stage.origin.does(() => undefined);
      return get(stage);
    },
  },
  'an origin that hangs up': { told: error('OriginReadError'), asked: sending('') },
  'an origin that is not of HTTP': {
    told: error('OriginInvalidResponseError'),
    asked: sending('nonsense\r\n\r\n'),
  },
  'an origin with too large a head': {
    told: error('OriginHeaderTooBigError'),
    asked: sending(`${head200}X: ${'x'.repeat(40_000)}\r\n\r\n`),
  },
  'a 304 that nobody asked for': {
    told: error('OriginInvalidResponseError'),
    asked: sending('HTTP/1.1 304 Not Modified\r\n\r\n'),
  },
  'T6.09 a part of another size than it says': {
    told: error('OriginContentRangeLengthError'),
    asked: sending(
      `${part}Content-Range: bytes 0-4/10\r\nContent-Length: 4\r\n\r\n0123`,
      '/a',
      range,
    ),
  },
  'a part that was not asked for': {
    told: error('OriginContentRangeLengthError'),
    asked: sending(
      `${part}Content-Range: bytes 2-4/10\r\nContent-Length: 3\r\n\r\n234`,
      '/a',
      range,
    ),
  },
  'a part that does not say which': {
    told: error('OriginInvalidResponseError'),
    asked: sending(`${part}Content-Length: 5\r\n\r\n01234`, '/a', range),
  },
  'an answer that its origin cuts': {
    told: ['Error', 'Miss', 'OriginReadError'],
    asked: sending(`${head200}Content-Length: 10\r\n\r\nhalf`),
  },
  'an answer in which its origin falls silent': {
    told: ['Error', 'Miss', 'OriginCommError'],
    setting: { settings: impatient },
    asked: (stage) => {
      stage.origin.sends(`${head200}Content-Length: 10\r\n\r\nhalf`);
      return get(stage);
    },
  },
  'a method that is not allowed': {
    told: error('InvalidRequestMethod'),
    asked: ({ viewer }) => viewer.asks('DELETE', '/a'),
  },
  'a body where none may be': {
    told: error('InvalidRequest'),
    asked: ({ viewer }) =>
      viewer.sends(`GET /a HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1\r\n\r\na`),
  },
  'a range that is not there': {
    told: error('InvalidRequestHeader'),
    first: stored,
    asked: ({ viewer }) => viewer.gets('/a', { Range: 'bytes=99-' }),
  },
  'a loop of distributions': {
    told: error('InvalidRequestBlocked'),
    asked: ({ viewer }) => viewer.gets('/a', { 'CDN-Loop': `${domain}, ${domain}` }),
  },
  'HTTP where HTTPS is required': {
    told: error('InvalidRequestBlocked'),
    setting: { behavior: { viewerProtocolPolicy: 'https-only' } },
    asked: get,
  },
  'no signature where one is required': {
    told: error('InvalidRequestBlocked'),
    setting: { behavior: { trustedSigners: { self: true, accounts: [] } } },
    asked: get,
  },
  'a root object that is none': {
    told: 'Error',
    setting: { config: { defaultRootObject: '/index.html' } },
    asked: ({ viewer }) => viewer.gets('/'),
  },
};

for (const [title, { asked, first, setting = {}, told }] of Object.entries(cases)) {
  logged(title, setting, async (stage, lines) => {
    await first?.(stage);
    const before = first === undefined ? 0 : 1;
    // Some answers are cut, which is what the case is about.
    await asked(stage).answer.catch(() => undefined);
    await assertTold(lines, before + 1, told);
    assert.equal(lines.count, before + 1);
  });
}

logged(
  'too much to do for one origin',
  { bounds: { requestsPerEndpointMax: 1 } },
  async ({ origin, viewer }, lines) => {
    origin.does(() => undefined);
    const first = viewer.gets('/1');
    await origin.hears(1);
    await viewer.gets('/2').sees({ status: 503 });
    await assertTold(lines, 1, 'CapacityExceeded');
    origin.dropConnections();
    origin.answers(200);
    await first.answer;
  },
);

for (const [what, answer, told] of [
  ['an answer', `${head200}Content-Length: 1\r\nCache-Control: max-age=60\r\n\r\na`, 'Hit'],
  ['a failure', '', error('OriginReadError')],
] as const) {
  logged(`who waits for another's fetch is told of ${what}`, async (stage, lines) => {
    const { origin, viewer } = stage;
    const waiting: Socket[] = [];
    origin.does((socket) => void waiting.push(socket));
    const first = viewer.gets('/a');
    await origin.hears(1);
    await using connection = await viewer.connects();
    connection.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    // Once a later request has come through, this one has too.
    const other = viewer.gets('/b');
    await origin.hears(2);
    origin.sends(answer, 'end');
    for (const socket of waiting) socket.end(answer);
    await Promise.all([first.answer, connection.answer(), other.answer]);
    await lines.nth(3);
    // The failure was repeated for those who asked themselves, and nobody else.
    const asked = origin.asked.filter(({ target }) => target === '/a');
    assert.equal(asked.length, what === 'an answer' ? 1 : 1 + repeats);
    const own = what === 'an answer' ? 'Miss' : told;
    const results = lines.facts.map(({ detailedResultType }) => detailedResultType).toSorted();
    assert.deepEqual(results, [detailOf(told), detailOf(own), detailOf(own)].toSorted());
  });
}
