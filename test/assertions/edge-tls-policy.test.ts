/** Assertions of the edge contract on security policies of TLS, by number: each row, by what viewers offer. */
import assert from 'node:assert/strict';
import { connect, type ConnectionOptions } from 'node:tls';
import { headerValue } from '../../src/http/header-list.ts';
import type { TlsPolicy, ViewerCertificate } from '../../src/model/distribution.ts';
import { distributionOf, domain, host, scenario } from '../harness/scenario.ts';
import { makeCertificate } from '../harness/test-certificates.ts';
import { sessionOf } from '../harness/handshake.ts';
import { Viewer } from '../harness/viewer.ts';

const made = await makeCertificate({ names: [`*.${domain}`], key: { rsaBits: 2_048 } });
const https = {
  host: '127.0.0.1',
  port: 0,
  ...made,
  ticketKeys: new Uint8Array(48),
  sealingKey: new Uint8Array(32),
};

const policies = [
  'SSLv3',
  'TLSv1',
  'TLSv1_2016',
  'TLSv1.1_2016',
  'TLSv1.2_2018',
  'TLSv1.2_2019',
  'TLSv1.2_2021',
  'TLSv1.2_2025',
  'TLSv1.3_2025',
] as const;

function upTo(last: TlsPolicy): readonly TlsPolicy[] {
  return policies.slice(0, policies.indexOf(last) + 1);
}

const noOther = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
const only13 = { minVersion: 'TLSv1.3' } as const;

/** What a viewer offers, alone, and which policies take it. */
const offers: readonly (readonly [string, ConnectionOptions, readonly TlsPolicy[]])[] = [
  ['TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }, []],
  ['AES128-SHA', noOther, upTo('TLSv1.1_2016')],
  ['ECDHE-RSA-AES128-SHA', noOther, upTo('TLSv1.1_2016')],
  ['ECDHE-RSA-AES256-SHA', noOther, upTo('TLSv1.1_2016')],
  ['AES128-GCM-SHA256', noOther, upTo('TLSv1.2_2018')],
  ['AES128-SHA256', noOther, upTo('TLSv1.2_2018')],
  ['ECDHE-RSA-AES128-SHA256', noOther, upTo('TLSv1.2_2019')],
  ['ECDHE-RSA-AES256-SHA384', noOther, upTo('TLSv1.2_2019')],
  ['ECDHE-RSA-CHACHA20-POLY1305', noOther, upTo('TLSv1.2_2021')],
  ['ECDHE-RSA-AES128-GCM-SHA256', noOther, upTo('TLSv1.2_2025')],
  ['ECDHE-RSA-AES256-GCM-SHA384', noOther, upTo('TLSv1.2_2025')],
  ['TLS_CHACHA20_POLY1305_SHA256', only13, policies.filter((one) => one !== 'TLSv1.2_2025')],
  ['TLS_AES_128_GCM_SHA256', only13, policies],
  ['TLS_AES_256_GCM_SHA384', only13, policies],
];

/** Whether a request on such a connection is answered with 200. */
async function isServed(port: number, name: string, offer: ConnectionOptions): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...offer });
  let said = '';
  socket.setEncoding('latin1').on('data', (text: string) => void (said += text));
  socket.on('error', () => undefined);
  socket.once('secureConnect', () => {
    socket.write(`GET /a HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
  });
  await new Promise((resolve) => {
    socket.once('close', resolve);
  });
  return said.startsWith('HTTP/1.1 200 ');
}

function certificateOf(tlsPolicy: TlsPolicy): ViewerCertificate {
  const name = 'arn:aws:acm:us-east-1:000000000000:certificate/a';
  return { kind: 'acm', name, support: 'sni-only', tlsPolicy };
}

for (const policy of policies) {
  scenario(
    `T1.23 the policy ${policy} takes what its row has, and nothing else`,
    { settings: { https }, config: { certificate: certificateOf(policy) } },
    async ({ httpsPort = 0, origin }) => {
      origin.answers(200, {}, 'hello');
      for (const [cipher, versions, takers] of offers) {
        const offer = { ciphers: cipher, servername: host, ...versions };
        const served = await isServed(httpsPort, host, offer);
        assert.equal(served, takers.includes(policy), cipher);
      }
    },
  );
}

scenario(
  'T1.23 each name has the policy of its own distribution, from the change on',
  { settings: { https }, config: { certificate: certificateOf('TLSv1.2_2021') } },
  async ({ httpsPort = 0, origin, serves }) => {
    origin.answers(200, {}, 'hello');
    const lax = `d222222abcdef8.${domain}`;
    serves(distributionOf('custom', {}, {}, { id: 'E222222ABCDEF8', domainName: lax }));
    const old = { ciphers: 'ECDHE-RSA-AES128-SHA256', ...noOther };
    assert.equal(await isServed(httpsPort, lax, { ...old, servername: lax }), true);
    assert.equal(await isServed(httpsPort, host, { ...old, servername: host }), false);
    // Neither another name nor none at all is a way round the policy, though the certificate is one.
    assert.equal(await isServed(httpsPort, host, { ...old, servername: lax }), false);
    assert.equal(await isServed(httpsPort, host, old), false);
    const good = { ciphers: 'ECDHE-RSA-AES128-GCM-SHA256', ...noOther };
    assert.equal(await isServed(httpsPort, host, { ...good, servername: lax }), true);
    serves(distributionOf('custom', { certificate: certificateOf('TLSv1.2_2019') }));
    assert.equal(await isServed(httpsPort, host, { ...old, servername: host }), true);
  },
);

scenario(
  'T1.23 a session of before is no way round a policy',
  { settings: { https } },
  async ({ httpsPort = 0, origin, serves }) => {
    origin.answers(200, {}, 'hello');
    const offer = { ciphers: 'ECDHE-RSA-AES128-SHA256', servername: host, ...noOther };
    const session = await sessionOf(httpsPort, offer);
    assert.equal(await isServed(httpsPort, host, { ...offer, session }), true);
    serves(distributionOf('custom', { certificate: certificateOf('TLSv1.2_2021') }));
    assert.equal(await isServed(httpsPort, host, { ...offer, session }), false);
  },
);

scenario(
  'T4.20 what TLS settled on is told where a policy asks for it',
  {
    settings: { https },
    behavior: {
      encodings: { kind: 'policy', gzip: false, brotli: false },
      forwardedHeaders: { kind: 'only', names: ['cloudfront-viewer-tls'] },
    },
  },
  async ({ httpsPort = 0, origin, viewer }) => {
    const told = (): string | undefined =>
      headerValue(origin.last.headers, 'cloudfront-viewer-tls');
    origin.answers(200, { 'cache-control': 'no-store' }, 'hello');
    const cipher = 'ECDHE-RSA-AES128-GCM-SHA256';
    const offer = { ciphers: cipher, servername: host, ...noOther };
    const session = await sessionOf(httpsPort, offer);
    await isServed(httpsPort, host, offer);
    assert.equal(told(), `TLSv1.2:${cipher}:fullHandshake`);
    await isServed(httpsPort, host, { ...offer, session });
    assert.equal(told(), `TLSv1.2:${cipher}:sessionResumed`);
    const secure = new Viewer({ port: httpsPort, host, authority: made.certificate });
    await using connection = await secure.connects();
    const request = `GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    for (const end of ['fullHandshake', 'connectionReused']) {
      connection.write(request);
      await connection.answer();
      assert.equal(told(), `TLSv1.3:TLS_AES_128_GCM_SHA256:${end}`);
    }
    await viewer.gets('/a').sees({ status: 200 });
    assert.equal(told(), undefined);
  },
);
