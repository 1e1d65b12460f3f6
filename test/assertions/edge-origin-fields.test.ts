/** What an origin of a distribution says of its TLS, its times and its addresses (edge contract 10.2 and 10.3). */
import assert from 'node:assert/strict';
import type { CustomOrigin, TlsProtocol } from '../../src/model/distribution.ts';
import { testAuthority } from '../harness/certificates.ts';
import { configOf } from '../harness/configs.ts';
import { customOrigin, distributionOf, originHost, scenario } from '../harness/scenario.ts';

const authority = await testAuthority('Test Authority');
const shown = await authority.issue([originHost]);
const fresh = { 'cache-control': 'max-age=60' };

function saying(said: Partial<CustomOrigin>) {
  return { origins: [{ ...customOrigin, ...said }] };
}

for (const [version, named, status] of [
  ['TLSv1', ['TLSv1'], 200],
  ['TLSv1', ['TLSv1', 'TLSv1.1', 'TLSv1.2'], 200],
  ['TLSv1', ['TLSv1.1', 'TLSv1.2'], 502],
  ['TLSv1.1', ['TLSv1', 'TLSv1.2'], 502],
  ['TLSv1.1', ['TLSv1.1'], 200],
  ['TLSv1.2', ['TLSv1.2'], 200],
  ['TLSv1.2', ['SSLv3', 'TLSv1'], 502],
  ['TLSv1.3', ['TLSv1.2'], 200],
  ['TLSv1.3', ['TLSv1.1'], 502],
  ['TLSv1.2', ['SSLv3'], 502],
] as const satisfies readonly (readonly [string, readonly TlsProtocol[], number])[]) {
  const tls = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
  scenario(
    `an origin of ${version}, asked by ${named.join(', ')}, is answered with ${status}`,
    {
      originScheme: 'https',
      originCertificate: { ...shown, tls },
      settings: { originAuthorities: authority.certificate },
      config: saying({ tlsProtocols: named }),
    },
    async ({ origin, viewer }) => {
      origin.answers(200, {}, 'hello');
      await viewer.gets('/a').sees({ status });
    },
  );
}

const plain = configOf('download', 'reference').defaultBehavior;

scenario(
  'an idle connection is kept as long as its origin says',
  {
    config: {
      origins: [
        { ...customOrigin, keepAliveTimeoutS: 1 },
        { ...customOrigin, id: 'long', keepAliveTimeoutS: 120 },
      ],
      behaviors: [{ ...plain, pathPattern: '/long/*', targetOriginId: 'long' }],
    },
  },
  async ({ origin, viewer }) => {
    origin.answers(200, {}, 'hello');
    await viewer.gets('/long/a').sees({ status: 200 });
    await viewer.gets('/a').sees({ status: 200 });
    assert.equal(origin.connections, 2);
    await origin.isLeft(2);
    assert(origin.isOpen(1));
    await viewer.gets('/long/b').sees({ status: 200 });
    assert.equal(origin.connections, 2);
    await viewer.gets('/b').sees({ status: 200 });
    assert.equal(origin.connections, 3);
  },
);

const slow = { config: saying({ completionTimeoutS: 40 }) };

scenario(
  'an answer that has not begun within its time is 504, and not asked for again',
  slow,
  async (stage) => {
    const { clock, origin, viewer } = stage;
    origin.does(() => undefined);
    const asking = viewer.gets('/a');
    await origin.hears(1);
    await clock.passes(39_999);
    await clock.passes(1);
    await asking.sees({ status: 504, body: /OriginTimeout/ });
    assert.equal(origin.asked.length, 1);
    await origin.isLeft(1);
  },
);

scenario(
  'an answer that is not whole within its time is cut, and nothing is stored',
  slow,
  async (stage) => {
    const { clock, origin, viewer } = stage;
    let more: (() => void) | undefined;
    origin.does((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 10\r\n\r\n12');
      more = () => void socket.write('3');
    });
    const asking = viewer.gets('/a').answer;
    await origin.hears(1);
    await clock.passes(20_000);
    more?.();
    await clock.passes(20_000);
    await assert.rejects(asking, /cut/);
    await origin.isLeft(1);
    origin.answers(200, fresh, 'whole');
    await viewer.gets('/a').sees({ status: 200, xCache: 'Miss', body: 'whole' });
    // What was whole in time is left alone, and so is the connection.
    await clock.passes(50_000);
    await viewer.gets('/b').sees({ status: 200 });
    assert.equal(origin.connections, 2);
  },
);

scenario(
  'an origin is looked up by the kind of addresses that it names',
  { settings: { privateOrigins: 'allow' } },
  async ({ origin, serves, viewer }) => {
    origin.answers(200, {}, 'hello');
    const place = { ...customOrigin, domainName: 'localhost', httpPort: origin.port };
    for (const [addresses, status] of [
      ['ipv4', 200],
      ['dualstack', 200],
      ['', 200],
      // It listens on 127.0.0.1 alone.
      ['ipv6', 502],
    ] as const) {
      serves(distributionOf('custom', { origins: [{ ...place, addresses }] }));
      await viewer.gets(`/${addresses}`).sees({ status });
    }
  },
);
