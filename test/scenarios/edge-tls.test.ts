/** TLS on both sides: viewers over HTTPS, and origins that have to prove who they are (10.2). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { headerValue } from '../../src/http/header-list.ts';
import { testAuthority } from '../harness/certificates.ts';
import {
  customOrigin,
  distributionOf,
  domain,
  host,
  originHost,
  scenario,
} from '../harness/scenario.ts';
import { makeCertificate, makeChain } from '../harness/test-certificates.ts';
import { Viewer } from '../harness/viewer.ts';

const authority = await testAuthority('Test Authority');
const other = await testAuthority('Another Authority');
const edgeCertificate = await authority.issue([`*.${domain}`]);
const https = {
  host: '127.0.0.1',
  port: 0,
  ...edgeCertificate,
  ticketKeys: new Uint8Array(48),
  sealingKey: new Uint8Array(32),
};

scenario(
  'one object serves viewers of both schemes',
  { settings: { https }, behavior: { viewerProtocolPolicy: 'allow-all' } },
  async ({ httpsPort, origin, viewer }) => {
    const secure = new Viewer({ port: httpsPort ?? 0, host, authority: authority.certificate });
    origin.answers(200, {}, 'hello');
    await secure.gets('/a').sees({ status: 200, xCache: 'Miss', body: 'hello' });
    await viewer.gets('/a').sees({ status: 200, xCache: 'Hit', body: 'hello' });
    await secure.gets('/a').sees({ xCache: 'Hit', headers: { connection: 'keep-alive' } });
    await secure
      .for('unknown.test')
      .gets('/a')
      .answer.then(
        () => assert.fail('the certificate does not cover it'),
        () => undefined,
      );
  },
);

scenario(
  'where HTTPS is required, it is answered',
  { settings: { https }, behavior: { viewerProtocolPolicy: 'https-only' } },
  async ({ httpsPort, origin, viewer }) => {
    const secure = new Viewer({ port: httpsPort ?? 0, host, authority: authority.certificate });
    origin.answers(200, {}, 'hello');
    await secure.gets('/a').sees({ status: 200 });
    await viewer.gets('/a').sees({ status: 403, body: /ViewerProtocol/ });
  },
);

scenario(
  'a body that is cut over TLS is seen to be cut',
  { settings: { https } },
  async (stage) => {
    const { httpsPort, origin } = stage;
    const secure = new Viewer({ port: httpsPort ?? 0, host, authority: authority.certificate });
    origin.sends('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 'end');
    await assert.rejects(secure.gets('/a').answer, /cut/);
    origin.answers(200, {}, 'whole');
    await secure.gets('/a').sees({ xCache: 'Miss', body: 'whole' });
    const old = `GET /b HTTP/1.0\r\nHost: ${host}\r\n\r\n`;
    origin.sends('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 'end');
    const asked = await secure.connects();
    asked.write(old);
    await asked.closed;
    origin.answers(200, {}, 'whole');
    await secure.gets('/b').sees({ xCache: 'Miss', body: 'whole' });
  },
);

scenario(
  'old protocols and unfinished handshakes are refused',
  { settings: { https } },
  async (stage) => {
    const { httpsPort, origin } = stage;
    origin.answers(200, {}, 'hello');
    const socket = connectTls({
      port: httpsPort ?? 0,
      host: '127.0.0.1',
      servername: host,
      ca: authority.certificate,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
    });
    await assert.rejects(once(socket, 'secureConnect'));
    const plain = new Viewer({ port: httpsPort ?? 0, host });
    await assert.rejects(plain.gets('/a').answer);
    const secure = new Viewer({ port: httpsPort ?? 0, host, authority: authority.certificate });
    await secure.gets('/a').sees({ status: 200 });
  },
);

const originSettings = { originAuthorities: authority.certificate } as const;

for (const [what, originCertificate, status] of [
  ['its own name, by a trusted authority', await authority.issue([originHost]), 200],
  ['its own name, among others', await authority.issue(['a.test', '*.example.com']), 200],
  ['another name', await authority.issue(['other.example.com']), 502],
  ['the address it is reached at', await authority.issue(['127.0.0.1']), 502],
  ['its own name, but over', await authority.issue([originHost], -1), 502],
  ['its own name, by an authority nobody trusts', await other.issue([originHost]), 502],
] as const) {
  scenario(
    `an origin that shows a certificate of ${what} is answered with ${status}`,
    { originScheme: 'https', originCertificate, settings: originSettings },
    async ({ origin, viewer }) => {
      origin.answers(200, { 'cache-control': 'no-store' }, 'hello');
      for (const path of ['/a', '/b']) {
        await viewer.gets(path).sees({ status, body: status === 200 ? 'hello' : /OriginTls/ });
      }
      if (status === 200) {
        assert.equal(origin.last.tlsName, originHost);
        assert.equal(origin.connections, 1);
      } else origin.wasAsked(0);
    },
  );
}

const chained = await makeChain({ names: [originHost] });
const { root, leaf } = chained;
const selfSigned = await makeCertificate({ names: [originHost] });
const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
const noCommonCipher = {
  maxVersion: 'TLSv1.2',
  ciphers: 'ECDHE-ECDSA-CAMELLIA128-SHA256',
} as const;
const good = await authority.issue([originHost]);

for (const [what, originCertificate, trusted, status] of [
  ['a whole chain', { ...leaf, certificate: chained.chain }, root.certificate, 200],
  ['a chain with a gap', leaf, root.certificate, 502],
  ['a certificate it signed itself', selfSigned, undefined, 502],
  // Who names the very certificate as trusted has said that it means this one.
  ['one that the operator trusts itself', selfSigned, selfSigned.certificate, 200],
  ['TLS 1.2 alone', { ...good, tls: { maxVersion: 'TLSv1.2' } }, authority.certificate, 200],
  ['TLS 1.1 alone', { ...good, tls: old }, authority.certificate, 502],
  ['no cipher in common', { ...good, tls: noCommonCipher }, authority.certificate, 502],
] as const) {
  scenario(
    `an origin that speaks TLS with ${what} is answered with ${status}`,
    {
      originScheme: 'https',
      originCertificate,
      settings: { originAuthorities: trusted },
    },
    async ({ origin, viewer }) => {
      origin.answers(200, {}, 'hello');
      await viewer.gets('/a').sees({ status, body: status === 200 ? 'hello' : /OriginTls/ });
      origin.wasAsked(status === 200 ? 1 : 0);
    },
  );
}

scenario(
  'an origin that matches its viewers is spoken to as they came',
  {
    originCertificate: await authority.issue(['localhost']),
    settings: { ...originSettings, https, privateOrigins: 'allow' },
  },
  async ({ httpsPort, origin, serves, viewer }) => {
    const place = {
      ...customOrigin,
      domainName: 'localhost',
      protocolPolicy: 'match-viewer',
    } as const;
    origin.answers(200, { 'cache-control': 'no-store' }, 'hello');
    const secure = new Viewer({ port: httpsPort ?? 0, host, authority: authority.certificate });
    serves(
      distributionOf('custom', { origins: [{ ...place, httpPort: 1, httpsPort: origin.port }] }),
    );
    await secure.gets('/a').sees({ status: 200, body: 'hello' });
    assert.equal(origin.last.tlsName, 'localhost');
    assert.equal(headerValue(origin.last.headers, 'host'), 'localhost');
    await viewer.gets('/a').sees({ status: 502, body: /OriginConnect/ });
    // Over plain HTTP it is not understood by an origin that wants TLS.
    serves(
      distributionOf('custom', { origins: [{ ...place, httpPort: origin.port, httpsPort: 1 }] }),
    );
    await viewer.gets('/b').sees({ status: 502, body: /OriginInvalidResponse/ });
    await secure.gets('/c').sees({ status: 502, body: /OriginConnect/ });
  },
);
