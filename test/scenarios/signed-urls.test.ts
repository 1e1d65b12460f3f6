/**
 * Signed URLs and cookies (edge contract 9; API 2010-11-01, section 4.9): who is let into a private
 * distribution, and with which code everybody else is refused.
 */
import assert from 'node:assert/strict';
import { headerValue } from '../../src/http/header-list.ts';
import {
  cannedPolicy,
  customPolicy,
  encodeSignedPart,
  type SignedAccess,
  signedUrl,
  signPolicy,
} from '../../src/http/signed-url.ts';
import { distributionOf, host, scenario, type Stage } from '../harness/scenario.ts';
import { makeKeyPair, placeKeyPair, removeKeyPair, targetOf } from '../harness/signing.ts';
import type { Expected } from '../harness/viewer.ts';

const self = { behavior: { trustedSigners: { self: true, accounts: [] } } };
const pair = makeKeyPair();
const keyPair = { keyPairId: pair.id, privateKey: pair.privateKey };
const hour = 3_600;

function secondsOf({ clock }: Pick<Stage, 'clock'>): number {
  return clock.now() / 1_000;
}

/** Path and query of a URL of this host, signed. */
function signed(target: string, access: SignedAccess, base = `http://${host}`): string {
  return targetOf(signedUrl(`${base}${target}`, access, keyPair));
}

function part(text: string): string {
  return encodeSignedPart(Buffer.from(text));
}

function refusal(code: string, message: string): Expected {
  return {
    status: 403,
    xCache: 'Error',
    headers: { 'content-type': 'text/xml', 'cache-control': undefined, age: undefined },
    body:
      `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code>` +
      `<Message>${message}</Message></Error>`,
  };
}

const missingKey = refusal('MissingKey', 'Missing Key-Pair-Id query parameter or cookie value');
const unknownKey = refusal('UnknownKey', 'Unknown Key');
const invalidKey = refusal('InvalidKey', 'Unknown Key');
const malformedPolicy = refusal('MalformedPolicy', 'Malformed Policy');
const accessDenied = refusal('AccessDenied', 'Access denied');

scenario(
  'T9.01 a canned policy opens the one URL it was made for, until its time',
  self,
  async (stage) => {
    const { clock, origin, routing, viewer } = stage;
    placeKeyPair(routing, pair);
    origin.answers(200, { 'cache-control': 'max-age=9999' }, 'hello');
    const target = signed('/a.jpg?size=2', { kind: 'canned', expires: secondsOf(stage) + hour });
    await viewer.gets(target).sees({ status: 200, body: 'hello', xCache: 'Miss' });
    await viewer.gets(target).sees({ status: 200, body: 'hello', xCache: 'Hit' });
    await viewer.heads(target).sees({ status: 200, xCache: 'Hit' });
    await clock.passes(hour * 1_000 - 1);
    await viewer.gets(target).sees({ status: 200 });
    await clock.passes(1);
    await viewer.gets(target).sees(accessDenied);
  },
);

scenario('T9.02 any change of a canned URL refuses it', self, async (stage) => {
  const { origin, routing, viewer } = stage;
  placeKeyPair(routing, pair);
  origin.answers(200, {}, 'hello');
  const target = signed('/a.jpg?b=1&c=2', { kind: 'canned', expires: secondsOf(stage) + hour });
  const changes = [
    `${target}&d=3`,
    `${target}&`,
    target.replace('b=1', 'b=2'),
    target.replace('b=1&c=2', 'c=2&b=1'),
    target.replace('b=1&', ''),
    target.replace('a.jpg', 'b.jpg'),
    target.replace('a.jpg', 'A.jpg'),
    target.replace('a.jpg', '%61.jpg'),
    target.replace('/a.jpg', '//a.jpg'),
    target.replace(/Expires=(\d+)/, (_, time) => `Expires=${Number(time) + 1}`),
    target.replace(/Signature=(.)/, (_, first) => `Signature=${first === 'A' ? 'B' : 'A'}`),
    target.replace('&Key-Pair-Id', '&Hash-Algorithm=SHA256&Key-Pair-Id'),
  ];
  for (const changed of changes) {
    assert.notEqual(changed, target);
    await viewer.gets(changed).sees(accessDenied);
  }
  origin.wasAsked(0);
});

scenario(
  'T9.02 parameters of a signed URL stand in any order, before or after its own',
  self,
  async (stage) => {
    const { origin, routing, viewer } = stage;
    placeKeyPair(routing, pair);
    origin.answers(200, {}, 'hello');
    const target = signed('/a?b=1&c', { kind: 'canned', expires: secondsOf(stage) + hour });
    const [, expires = '', signature = '', id = ''] =
      /(Expires=.*)&(Signature=.*)&(Key-.*)/.exec(target) ?? [];
    await viewer.gets(`/a?${id}&b=1&${signature}&c&${expires}`).sees({ status: 200 });
    await viewer.gets(`/a?${expires}&${signature}&${id}&b=1&c`).sees({ status: 200 });
    assert.equal(origin.last.target, '/a');
    assert.equal(headerValue(origin.last.headers, 'cookie'), undefined);
  },
);

scenario(
  'T9.04 a custom policy opens what its resource names, from when until when',
  self,
  async (stage) => {
    const { clock, origin, routing, viewer } = stage;
    placeKeyPair(routing, pair);
    origin.answers(200, {}, 'hello');
    const now = secondsOf(stage);
    const policy = customPolicy({
      resource: `http*://${host}/training/*`,
      starts: now + 10,
      expires: now + 20,
      sourceIp: '127.0.0.0/8',
    });
    const at = (path: string): string => signed(path, { kind: 'custom', policy });
    await viewer.gets(at('/training/a')).sees(accessDenied);
    await clock.passes(10_000);
    await viewer.gets(at('/training/a')).sees(accessDenied);
    await clock.passes(1);
    await viewer.gets(at('/training/a')).sees({ status: 200 });
    await viewer.gets(at('/training/b/c?x=1')).sees({ status: 200 });
    await viewer.gets(at('/other')).sees(accessDenied);
    await viewer.gets(at('/training/../other')).sees(accessDenied);
    await viewer
      .for(`x.${host}`)
      .gets(at('/training/a'))
      .sees({ status: 403, body: /No site is served/ });
    await clock.passes(9_998);
    await viewer.gets(at('/training/a')).sees({ status: 200 });
    await clock.passes(1);
    await viewer.gets(at('/training/a')).sees(accessDenied);
  },
);

scenario('a custom policy counts where a time stands beside it', self, async (stage) => {
  const { origin, routing, viewer } = stage;
  placeKeyPair(routing, pair);
  origin.answers(200, {}, 'hello');
  const policy = customPolicy({ resource: '*', expires: secondsOf(stage) + 10 });
  await viewer.gets(`${signed('/a', { kind: 'custom', policy })}&Expires=1`).sees({ status: 200 });
});

scenario(
  'T9.04 the address that counts is the one the connection came from',
  self,
  async (stage) => {
    const { origin, routing, viewer } = stage;
    placeKeyPair(routing, pair);
    origin.answers(200, {}, 'hello');
    const expires = secondsOf(stage) + hour;
    const from = (sourceIp: string): string =>
      signed('/a', { kind: 'custom', policy: customPolicy({ resource: '*', expires, sourceIp }) });
    await viewer.gets(from('127.0.0.1')).sees({ status: 200 });
    await viewer.gets(from('0.0.0.0/0')).sees({ status: 200 });
    await viewer.gets(from('192.0.2.0/24'), { 'X-Forwarded-For': '192.0.2.1' }).sees(accessDenied);
  },
);

scenario(
  'only active key pairs of trusted accounts sign, as the edge takes changes',
  async (stage) => {
    const { origin, routing, serves, viewer } = stage;
    origin.answers(200, { 'cache-control': 'max-age=9999' }, 'hello');
    const target = signed('/a', { kind: 'canned', expires: secondsOf(stage) + hour });
    const trusts = (self: boolean, ...accounts: string[]): void =>
      serves(distributionOf('custom', {}, { trustedSigners: { self, accounts } }));

    trusts(true);
    await viewer.gets(target).sees(unknownKey);
    placeKeyPair(routing, pair);
    await viewer.gets(target).sees({ status: 200 });
    placeKeyPair(routing, pair, { active: false });
    await viewer.gets(target).sees(unknownKey);
    placeKeyPair(routing, pair);
    await viewer.gets(target).sees({ status: 200, xCache: 'Hit' });

    trusts(false, '111122223333', '444455556666');
    await viewer.gets(target).sees(unknownKey);
    placeKeyPair(routing, pair, { account: '444455556666' });
    await viewer.gets(target).sees({ status: 200 });
    trusts(true);
    await viewer.gets(target).sees(unknownKey);
    removeKeyPair(routing, pair.id);
    await viewer.gets(target).sees(unknownKey);
    trusts(false);
    await viewer.gets('/a').sees({ status: 200 });
  },
);

scenario(
  'a signature that was good with another key of the same id is none',
  self,
  async (stage) => {
    const { origin, routing, viewer } = stage;
    origin.answers(200, {}, 'hello');
    placeKeyPair(routing, pair);
    const target = signed('/a', { kind: 'canned', expires: secondsOf(stage) + hour });
    await viewer.gets(target).sees({ status: 200 });
    placeKeyPair(routing, makeKeyPair(pair.id));
    await viewer.gets(target).sees(accessDenied);
  },
);

scenario('T9.07 what is missing or malformed has its code', self, async (stage) => {
  const { origin, routing, viewer } = stage;
  placeKeyPair(routing, pair);
  const expires = secondsOf(stage) + hour;
  const good = new URLSearchParams(signed('/a', { kind: 'canned', expires }).slice(3));
  const asks = (changes: Readonly<Record<string, string | undefined>>): string => {
    const all = { ...Object.fromEntries(good), ...changes };
    const said = Object.entries(all).filter(([, value]) => value !== undefined);
    return `/a?${said.map(([name, value]) => `${name}=${value}`).join('&')}`;
  };
  const rows: readonly [Readonly<Record<string, string | undefined>>, Expected][] = [
    [{ 'Key-Pair-Id': undefined }, missingKey],
    [{ 'Key-Pair-Id': '' }, missingKey],
    [{ 'Key-Pair-Id': undefined, 'key-pair-id': pair.id }, missingKey],
    [{ 'Key-Pair-Id': 'APKAEXAMPLEEXAMPLE09' }, unknownKey],
    [{ 'Key-Pair-Id': pair.id.toLowerCase() }, unknownKey],
    [{ 'Key-Pair-Id': `${pair.id}%00` }, invalidKey],
    [{ 'Key-Pair-Id': `${pair.id},${pair.id}` }, invalidKey],
    [{ 'Key-Pair-Id': 'x'.repeat(129) }, invalidKey],
    [{ 'Key-Pair-Id': '%ff' }, invalidKey],
    [{ 'Key-Pair-Id': 'constructor' }, unknownKey],
    [{ Signature: undefined }, accessDenied],
    [{ Signature: '' }, accessDenied],
    [{ Signature: '!' }, accessDenied],
    [{ Signature: part('short') }, accessDenied],
    [{ Signature: part('x'.repeat(256)) }, accessDenied],
    [{ Signature: part('x'.repeat(4_000)) }, accessDenied],
    [{ Expires: undefined }, malformedPolicy],
    [{ Expires: '' }, malformedPolicy],
    [{ Expires: 'soon' }, malformedPolicy],
    [{ Expires: '-1' }, malformedPolicy],
    [{ Expires: '+1' }, malformedPolicy],
    [{ Expires: `0${expires}` }, malformedPolicy],
    [{ Expires: `${expires}.0` }, malformedPolicy],
    [{ Expires: '2e9' }, malformedPolicy],
    [{ Expires: '9223372036854775808' }, malformedPolicy],
    [{ Expires: '9'.repeat(400) }, malformedPolicy],
    [{ Expires: '0' }, accessDenied],
    [{ Expires: '9223372036854775807' }, accessDenied],
    [{ 'Hash-Algorithm': 'MD5' }, accessDenied],
    [{ 'Hash-Algorithm': 'sha1' }, accessDenied],
    [{ 'Hash-Algorithm': '' }, accessDenied],
    [{ Policy: '' }, malformedPolicy],
    [{ Policy: '!!' }, malformedPolicy],
    [{ Policy: part('no json') }, malformedPolicy],
    [{ Policy: part('{}') }, malformedPolicy],
    [{ Policy: part(' '.repeat(4_097)) }, malformedPolicy],
    [{ Policy: 'A'.repeat(6_000) }, malformedPolicy],
    [{ Policy: part(customPolicy({ resource: '*', expires })) }, accessDenied],
    [{ Policy: part(customPolicy({ resource: '*', expires: 1 })) }, accessDenied],
  ];
  for (const [changes, expected] of rows) {
    const target = asks(changes);
    try {
      await viewer.gets(target).sees(expected);
    } catch (error) {
      throw new Error(JSON.stringify(changes).slice(0, 80), { cause: error });
    }
  }
  await viewer.gets(`/a?${'b'.repeat(1_000_000)}`).sees({ status: 414 });
  await viewer.gets(`${asks({})}&Expires=${expires}`).sees(malformedPolicy);
  await viewer.gets(`${asks({})}&Key-Pair-Id=${pair.id}`).sees(invalidKey);
  origin.wasAsked(0);
});

scenario(
  'each condition that is not understood refuses, however well it is signed',
  self,
  async (stage) => {
    const { routing, viewer } = stage;
    placeKeyPair(routing, pair);
    const ends = `"DateLessThan":{"AWS:EpochTime":${secondsOf(stage) + hour}}`;
    const malformed = [
      '{"Statement":[]}',
      `{"Statement":[{"Condition":{${ends}}},{"Condition":{${ends}}}]}`,
      '{"Statement":[{"Resource":"*","Condition":{}}]}',
      `{"Statement":[{"Resource":"*","Condition":{${ends},"DateGreaterThan":{"AWS:EpochTime":"0"}}}]}`,
      `{"Statement":[{"Resource":"*","Condition":{${ends},"IpAddress":{"AWS:SourceIp":"localhost"}}}]}`,
    ];
    for (const policy of malformed) {
      await viewer.gets(signed('/a', { kind: 'custom', policy })).sees(malformedPolicy);
    }
  },
);

scenario(
  'T9.09 the cache has one copy for all signers, and gives it to nobody else',
  self,
  async (stage) => {
    const { clock, origin, routing, viewer } = stage;
    placeKeyPair(routing, pair);
    origin.answers(200, { 'cache-control': 'max-age=9999' }, 'hello');
    const expires = secondsOf(stage) + hour;
    await viewer.gets(signed('/a', { kind: 'canned', expires })).sees({ xCache: 'Miss' });
    await viewer
      .gets(signed('/a', { kind: 'canned', expires: expires + 1 }))
      .sees({ xCache: 'Hit' });
    const policy = customPolicy({ resource: '*', expires });
    await viewer.gets(signed('/a?x=1', { kind: 'custom', policy })).sees({ xCache: 'Hit' });
    await viewer.gets('/a').sees(missingKey);
    await viewer.gets('/a', { 'If-None-Match': '*' }).sees(missingKey);
    await viewer.gets('/a', { Range: 'bytes=0-1' }).sees(missingKey);
    await viewer.heads('/a').sees({ status: 403, xCache: 'Error' });
    origin.wasAsked(1);
    await clock.passes(hour * 1_000);
    await viewer
      .gets(signed('/a', { kind: 'canned', expires: expires + 1 }))
      .sees({ xCache: 'Hit' });
  },
);

scenario('a refusal is not kept: what is signed afterwards is answered', self, async (stage) => {
  const { origin, routing, viewer } = stage;
  placeKeyPair(routing, pair);
  origin.answers(200, {}, 'hello');
  const target = signed('/a', { kind: 'canned', expires: secondsOf(stage) + hour });
  for (let time = 0; time < 3; time += 1) {
    await viewer.gets(target.replace('Signature=', 'Signature=x')).sees(accessDenied);
    await viewer.gets('/a').sees(missingKey);
  }
  await viewer.gets(target).sees({ status: 200, body: 'hello' });
});

scenario(
  'the URL of a signature is the one the viewer sent, not that of the default root object',
  { ...self, config: { defaultRootObject: 'index.html' } },
  async (stage) => {
    const { origin, routing, viewer } = stage;
    placeKeyPair(routing, pair);
    origin.answers(200, {}, 'hello');
    const access: SignedAccess = { kind: 'canned', expires: secondsOf(stage) + hour };
    await viewer.gets(signed('/', access)).sees({ status: 200 });
    assert.equal(origin.last.target, '/index.html');
    const other = signed('/index.html', access).replace('/index.html', '/');
    await viewer.gets(other).sees(accessDenied);
  },
);

scenario(
  'a URL is signed with the port of its host or without, and with its scheme',
  self,
  async (stage) => {
    const { origin, port, routing, viewer } = stage;
    placeKeyPair(routing, pair);
    origin.answers(200, {}, 'hello');
    const access: SignedAccess = { kind: 'canned', expires: secondsOf(stage) + hour };
    const there = viewer.for(`${host}:${port}`);
    const upper = viewer.for(host.toUpperCase());
    await there.gets(signed('/a', access)).sees({ status: 200 });
    await there.gets(signed('/a', access, `http://${host}:${port}`)).sees({ status: 200 });
    await viewer.gets(signed('/a', access, `http://${host}:${port}`)).sees(accessDenied);
    await there.gets(signed('/a', access, `http://${host}:1`)).sees(accessDenied);
    await there.gets(signed('/a', access, `https://${host}`)).sees(accessDenied);
    await upper.gets(signed('/a', access)).sees({ status: 200 });

    const custom = (resource: string): string =>
      signed('/a', { kind: 'custom', policy: customPolicy({ resource, expires: access.expires }) });
    await there.gets(custom(`http://${host}/a`)).sees({ status: 200 });
    await there.gets(custom(`http://${host}:${port}/a`)).sees({ status: 200 });
    await there.gets(custom(`http://${host}:1/a`)).sees(accessDenied);
    await there.gets(custom(`https://${host}/a`)).sees(accessDenied);
  },
);

scenario('bytes of a path that are not escaped are signed as they are', self, async (stage) => {
  const { origin, routing, viewer } = stage;
  placeKeyPair(routing, pair);
  origin.answers(200, {}, 'hello');
  const access: SignedAccess = { kind: 'canned', expires: secondsOf(stage) + hour };
  for (const path of ['/caf\u00e9.jpg', '/"a"\\b', "/a'b!$&()*,;=@"]) {
    const sent = Buffer.from(signed(path, access), 'utf8').toString('latin1');
    await viewer.gets(sent).sees({ status: 200 });
  }
});

function cookiesOf(policy: string, said: Readonly<Record<string, string>>): Record<string, string> {
  const all = {
    ...said,
    Signature: encodeSignedPart(signPolicy(policy, pair.privateKey)),
    'Key-Pair-Id': pair.id,
  };
  const cookies = Object.entries(all).map(([name, value]) => `CloudFront-${name}=${value}`);
  return { Cookie: ['session=1', ...cookies].join('; ') };
}

scenario(
  'T9.05 signed cookies open as signed URLs do, and do not go to the origin',
  self,
  async (stage) => {
    const { origin, routing, viewer } = stage;
    placeKeyPair(routing, pair);
    origin.answers(200, { 'cache-control': 'max-age=9999' }, 'hello');
    const expires = secondsOf(stage) + hour;
    const canned = cookiesOf(cannedPolicy(`http://${host}/a?x=1&Hash-Algorithm=2`, expires), {
      Expires: String(expires),
    });
    await viewer.gets('/a?x=1&Hash-Algorithm=2', canned).sees({ status: 200, xCache: 'Miss' });
    assert.equal(headerValue(origin.last.headers, 'cookie'), undefined);
    await viewer.gets('/a', canned).sees(accessDenied);

    const policy = customPolicy({ resource: `http://${host}/a*`, expires });
    const custom = cookiesOf(policy, { Policy: encodeSignedPart(Buffer.from(policy)) });
    await viewer.gets('/a', custom).sees({ status: 200, xCache: 'Hit' });
    await viewer.gets('/ab?x', custom).sees({ status: 200, xCache: 'Miss' });
    await viewer.gets('/b', custom).sees(accessDenied);
  },
);

scenario('T9.05 a URL with a signing parameter is judged by the URL alone', self, async (stage) => {
  const { origin, routing, viewer } = stage;
  placeKeyPair(routing, pair);
  const expires = secondsOf(stage) + hour;
  const policy = customPolicy({ resource: '*', expires });
  const cookies = cookiesOf(policy, { Policy: encodeSignedPart(Buffer.from(policy)) });
  await viewer.gets('/a?Expires=1', cookies).sees(missingKey);
  const bad = signed('/a', { kind: 'canned', expires }).replace('Signature=', 'Signature=x');
  await viewer.gets(bad, cookies).sees(accessDenied);
  origin.wasAsked(0);
  origin.answers(200, {}, 'hello');
  await viewer.gets('/a', cookies).sees({ status: 200 });
});

/** The table of edge contract 9.5, with the scheme that these viewers use. */
const wildcards = [
  [`http://${host}/a*world`, '/a-world', true],
  [`http://${host}/a*world`, '/a?world', false],
  [`http://${host}/a/*`, '/a/b/c.ts?x=1', true],
  [`http://${host}/*x.zip`, '/x.zip?y=1', false],
  [`http://${host}/x.jpg\\?s=?`, '/x.jpg?s=1', true],
  [`http://${host}/x.jpg\\?s=?`, '/x.jpg?s=12', false],
  [`https://${host}/*`, '/a', false],
  [`http*://${host}/*`, '/a', true],
  ['*', '/anything?at=all', true],
  [`*/a`, '/a', true],
] as const;

scenario('T9.03 wildcards stand for what is within their section', self, async (stage) => {
  const { origin, routing, viewer } = stage;
  placeKeyPair(routing, pair);
  origin.answers(200, {}, 'hello');
  for (const [resource, target, opens] of wildcards) {
    const policy = customPolicy({ resource, expires: secondsOf(stage) + hour });
    const { status } = await viewer.gets(signed(target, { kind: 'custom', policy })).answer;
    assert.equal(status, opens ? 200 : 403, `${resource} for ${target}`);
  }
});

scenario(
  'T9.08 a download goes on past the time of its URL, and its next range is refused',
  self,
  async (stage) => {
    const { clock, origin, routing, viewer } = stage;
    placeKeyPair(routing, pair);
    const expires = secondsOf(stage) + 10;
    const target = signed('/film', { kind: 'canned', expires });
    let finish: (() => void) | undefined;
    origin.does((socket) => {
      socket.write(
        'HTTP/1.1 200 OK\r\nContent-Length: 10\r\nCache-Control: max-age=60\r\n\r\nfirst',
      );
      finish = () => void socket.write('after');
    });
    await using connection = await viewer.connects();
    connection.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await origin.hears(1);
    await clock.passes(10_000);
    await viewer.gets(target, { Range: 'bytes=0-4' }).sees(accessDenied);
    finish?.();
    assert.equal((await connection.answer()).body, 'firstafter');
    const again = signed('/film', { kind: 'canned', expires: expires + 60 });
    await viewer.gets(again, { Range: 'bytes=5-9' }).sees({ status: 206, body: 'after' });
  },
);

scenario('on a public distribution signing parameters mean nothing', async ({ origin, viewer }) => {
  origin.answers(200, {}, 'hello');
  await viewer.gets('/a?Expires=1&Signature=x&Key-Pair-Id=APKA').sees({ status: 200 });
  assert.equal(origin.last.target, '/a');
});

scenario(
  'more signatures than may wait are refused as too much to do, and the rest is answered',
  { ...self, bounds: { signaturesAtOnceMax: 1, signaturesWaitingMax: 1 } },
  async (stage) => {
    const { origin, routing, viewer } = stage;
    placeKeyPair(routing, pair);
    origin.answers(200, { 'cache-control': 'max-age=9999' }, 'hello');
    const access: SignedAccess = { kind: 'canned', expires: secondsOf(stage) + hour };
    const targets = Array.from({ length: 40 }, (_, index) => signed(`/${index}`, access));
    const asked = await Promise.all(targets.map((target) => viewer.gets(target).answer));
    const statuses = new Set(asked.map(({ status }) => status));
    assert(statuses.has(200));
    for (const status of statuses) assert(status === 200 || status === 503, String(status));
    for (const target of targets) await viewer.gets(target).sees({ status: 200 });
  },
);
