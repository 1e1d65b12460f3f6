/**
 * TLS with viewers (edge contract 1.1, rule 9, and 1.2): what is spoken, what is refused, and who is
 * on the wrong connection. Which certificate is shown: src/edge/certificates.test.ts.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { LineFacts } from '../../src/access-log/fields.ts';
import { accountId } from '../../src/model/ids.ts';
import { plainLogging } from '../../src/model/plain-config.ts';
import { testAuthority } from '../harness/certificates.ts';
import { faultOfHandshake, fingerprintOf, handshake, sessionOf } from '../harness/handshake.ts';
import { distributionOf, domain, host, scenario, type Stage } from '../harness/scenario.ts';
import { until } from '../harness/until.ts';
import { ViewerConnection } from '../harness/viewer.ts';

const authority = await testAuthority('Test Authority');
const edgeCertificate = await authority.issue([`*.${domain}`, domain]);
const ticketKeys = new Uint8Array(48).fill(7);
const https = {
  host: '127.0.0.1',
  port: 0,
  ...edgeCertificate,
  ticketKeys,
  sealingKey: new Uint8Array(32),
};
const settings = { https };
const ca = authority.certificate;

function portOf({ httpsPort }: Stage): number {
  assert(httpsPort !== undefined);
  return httpsPort;
}

scenario('TLS 1.2 and 1.3 are spoken, and HTTP/1.1 is agreed on', { settings }, async (stage) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const shown = await handshake(portOf(stage), {
      servername: host,
      ca,
      minVersion: version,
      maxVersion: version,
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    assert.equal(shown.protocol, version);
    assert.equal(shown.alpn, 'http/1.1');
    assert.equal(shown.distrust, undefined);
  }
});

scenario('what is older, weaker or another protocol is refused', { settings }, async (stage) => {
  const fault = (options: Parameters<typeof faultOfHandshake>[1]) =>
    faultOfHandshake(portOf(stage), { servername: host, ca, ...options });
  assert.match(
    await fault({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    /ALERT_PROTOCOL_VERSION/,
  );
  for (const ciphers of [
    'NULL@SECLEVEL=0',
    'DHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-CCM',
  ]) {
    assert.match(await fault({ maxVersion: 'TLSv1.2', ciphers }), /HANDSHAKE_FAILURE/, ciphers);
  }
  assert.match(await fault({ ALPNProtocols: ['h2'] }), /NO_APPLICATION_PROTOCOL/);
  assert.match(await fault({ ecdhCurve: 'P-521' }), /HANDSHAKE_FAILURE/);
});

scenario('no viewer begins a second handshake on its connection', { settings }, async (stage) => {
  const socket = connectTls({
    port: portOf(stage),
    host: '127.0.0.1',
    servername: host,
    ca,
    maxVersion: 'TLSv1.2',
  });
  await once(socket, 'secureConnect');
  const failed = new Promise((resolve) => socket.once('error', resolve));
  socket.renegotiate({}, () => undefined);
  // The alert may be lost with the connection.
  assert.match(String(await failed), /no renegotiation|ECONNRESET/i);
});

scenario("the order of ciphers is the server's", { settings }, async (stage) => {
  const old = await handshake(portOf(stage), {
    servername: host,
    maxVersion: 'TLSv1.2',
    ciphers:
      'ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256',
  });
  assert.equal(old.cipher, 'ECDHE-ECDSA-AES128-GCM-SHA256');
  const suites = 'TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256';
  const modern = await handshake(portOf(stage), { servername: host, ciphers: suites });
  assert.equal(modern.cipher, 'TLS_AES_128_GCM_SHA256');
});

scenario(
  'a session is taken up again until the keys of its ticket are exchanged',
  { settings },
  async (stage) => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      stage.edge.renewTicketKeys(ticketKeys);
      const viewer = { servername: host, ca, maxVersion };
      const session = await sessionOf(portOf(stage), viewer);
      assert((await handshake(portOf(stage), { ...viewer, session })).isReused, maxVersion);
      stage.edge.renewTicketKeys(new Uint8Array(48).fill(9));
      assert(!(await handshake(portOf(stage), { ...viewer, session })).isReused, maxVersion);
    }
  },
);

scenario(
  'a renewed certificate is shown at once, sessions go on, and nobody is cut off',
  { settings },
  async (stage) => {
    stage.origin.answers(200, {}, 'hello');
    const port = portOf(stage);
    const viewer = { servername: host, ca };
    const session = await sessionOf(port, viewer);
    const socket = connectTls({ port, host: '127.0.0.1', ...viewer });
    await once(socket, 'secureConnect');
    const standing = new ViewerConnection(socket);
    const renewed = await authority.issue([`*.${domain}`, domain]);
    stage.edge.renewCertificate(renewed);
    const shown = await handshake(port, viewer);
    assert.equal(shown.fingerprint, fingerprintOf(renewed.certificate));
    assert((await handshake(port, { ...viewer, session })).isReused);
    standing.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    assert.equal((await standing.answer()).body, 'hello');
    socket.destroy();
  },
);

/** Who asks TLS for one name and HTTP for another, and what it gets. */
async function crossed(stage: Stage, servername: string, hostText: string): Promise<number> {
  const socket = connectTls({
    port: portOf(stage),
    host: '127.0.0.1',
    servername,
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  const connection = new ViewerConnection(socket);
  connection.write(`GET /a HTTP/1.1\r\nHost: ${hostText}\r\n\r\n`);
  const { body, status } = await connection.answer();
  if (status === 421) {
    assert.match(body, /<dd>Misdirected<\/dd>/);
    assert.equal(await connection.closed, false);
  }
  socket.destroy();
  return status;
}

scenario(
  'a request for another host than that of the connection is misdirected (T1.07)',
  { settings, config: { aliases: ['www.example.com'] } },
  async (stage) => {
    stage.origin.answers(200, {}, 'hello');
    const mine = { id: 'E222222ABCDEF8', domainName: `d222222abcdef8.${domain}` };
    stage.serves(distributionOf('custom', { aliases: ['img.example.com'] }, {}, mine));
    const theirs = { id: 'E333333ABCDEF8', domainName: `d333333abcdef8.${domain}` };
    const other = distributionOf('custom', { aliases: ['www.example.org'] }, {}, theirs);
    stage.serves({ ...other, account: accountId('111122223333') });
    const cases: readonly (readonly [string, string, number])[] = [
      [host, host, 200],
      [host.toUpperCase(), host, 200],
      [host, `${host}:8443`, 200],
      ['www.example.com', 'www.example.com', 200],
      // One account, one certificate for both.
      [host, mine.domainName, 200],
      // The certificate of one name does not cover the other.
      ['www.example.com', host, 421],
      ['www.example.com', 'img.example.com', 421],
      [host, 'www.example.com', 421],
      // Another account, though the certificate covers both.
      [host, theirs.domainName, 421],
      [theirs.domainName, host, 421],
      ['www.example.com', 'www.example.org', 421],
      // By no name, or one that nobody has, whatever the default certificate covers.
      ['', host, 200],
      ['', theirs.domainName, 200],
      ['', 'www.example.com', 421],
      ['unknown.test', host, 200],
      ['unknown.test', 'www.example.com', 421],
      // What is not served is refused as ever, so names cannot be probed this way.
      [host, 'unknown.test', 403],
      ['', 'unknown.test', 403],
    ];
    for (const [servername, hostText, status] of cases) {
      assert.equal(
        await crossed(stage, servername, hostText),
        status,
        `SNI ${servername}, Host ${hostText}`,
      );
    }
  },
);

const lines: LineFacts[] = [];

scenario(
  'a misdirected request is logged as what it is, with what TLS said',
  {
    settings,
    config: {
      aliases: ['www.example.com'],
      logging: { ...plainLogging, bucket: 'logs.s3.amazonaws.com' },
    },
    accessLog: { write: (_, facts) => void lines.push(facts) },
  },
  async (stage) => {
    assert.equal(await crossed(stage, host, 'www.example.com'), 421);
    const line = await until('it is logged', () => lines.at(0));
    assert.deepEqual(
      [line?.status, line?.detailedResultType, line?.tlsProtocol, line?.tlsCipher],
      [421, 'InvalidRequestCertificate', 'TLSv1.3', 'TLS_AES_128_GCM_SHA256'],
    );
  },
);

scenario('a viewer may end its side once it has asked', { settings }, async (stage) => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    stage.origin.answers(200, { 'cache-control': 'no-store' }, 'hello');
    const port = portOf(stage);
    const socket = connectTls({ port, host: '127.0.0.1', servername: host, ca, maxVersion });
    await once(socket, 'secureConnect');
    const connection = new ViewerConnection(socket);
    socket.end(`GET /${maxVersion} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    assert.equal((await connection.answer()).body, 'hello');
    assert.equal(await connection.closed, false);
  }
});

scenario('over plain HTTP there is no such thing', { settings }, async ({ origin, viewer }) => {
  origin.answers(200, {}, 'hello');
  await viewer.gets('/a').sees({ status: 200 });
});

/** Connects and says nothing. */
async function silent(stage: Stage): Promise<{ socket: Socket; closed: Promise<unknown> }> {
  const socket = connect({ port: portOf(stage), host: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.resume();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'connect');
  return { socket, closed };
}

scenario(
  'handshakes under way are bounded, and one that is done makes room',
  { settings, bounds: { handshakesMax: 2 } },
  async (stage) => {
    stage.origin.answers(200, {}, 'hello');
    const viewer = { servername: host, ca };
    const secured = connectTls({ port: portOf(stage), host: '127.0.0.1', ...viewer });
    await once(secured, 'secureConnect');
    const first = await silent(stage);
    await silent(stage);
    const third = await silent(stage);
    await third.closed;
    assert.notEqual(await faultOfHandshake(portOf(stage), viewer), 'none');
    const standing = new ViewerConnection(secured);
    standing.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    assert.equal((await standing.answer()).status, 200);
    first.socket.destroy();
    await until('there is room', async () =>
      (await faultOfHandshake(portOf(stage), viewer)) === 'none' ? true : undefined,
    );
    secured.destroy();
  },
);

scenario(
  'a handshake that takes too long is ended',
  { settings, bounds: { handshakeMsMax: 50 } },
  async (stage) => {
    const { closed, socket } = await silent(stage);
    socket.write(Buffer.from([22, 3, 1]));
    await closed;
  },
);

scenario('an edge that stops does not wait for handshakes', { settings }, async (stage) => {
  const { closed } = await silent(stage);
  await stage.edge.close(1_000);
  await closed;
});

scenario('bytes that are no TLS end their own connection alone', { settings }, async (stage) => {
  stage.origin.answers(200, {}, 'hello');
  const garbage = [
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    '\0'.repeat(100),
    '\x16\x03\x01\xff\xff'.padEnd(70_000, 'x'),
    '\x15\x03\x03\0\x02\x02\x28',
  ];
  for (const bytes of garbage) {
    const { closed, socket } = await silent(stage);
    socket.write(Buffer.from(bytes, 'latin1'));
    await closed;
  }
  assert.equal((await handshake(portOf(stage), { servername: host, ca })).distrust, undefined);
});
