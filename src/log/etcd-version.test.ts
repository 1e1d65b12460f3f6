/** Versions of etcd that can lose data are refused at the start, each server asked by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { systemClock } from '../base/clock.ts';
import { systemRandomness } from '../base/randomness.ts';
import { silentRecorder } from '../base/recorder.ts';
import { openEtcd } from './etcd-opening.ts';
import { LogUnavailable } from './log-unavailable.ts';

const same = (bytes: Buffer): Buffer => bytes;

/** A server that says its version and can do nothing else. */
async function saying(version: string): Promise<{ address: string; stop: () => void }> {
  const text = Buffer.from(version);
  // StatusResponse: field 2, a text.
  const answer = Buffer.concat([Buffer.of(0x12, text.length), text]);
  const status: UntypedServiceImplementation[string] = (
    _: unknown,
    reply: (error: null, value: Buffer) => void,
  ) => reply(null, answer);
  const server = new Server();
  server.addService(
    {
      Status: {
        path: '/etcdserverpb.Maintenance/Status',
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    },
    { Status: status },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

async function codeOf(...versions: readonly string[]): Promise<string> {
  const servers = await Promise.all(versions.map(saying));
  const settings = {
    servers: servers.map(({ address }) => address),
    prefix: 'one',
    tls: undefined,
    quotaBytes: 2 ** 32,
  };
  const ports = {
    clock: systemClock,
    randomness: systemRandomness,
    recorder: silentRecorder,
    waitMsMax: 0,
  };
  try {
    await openEtcd(settings, ports);
    return 'opened';
  } catch (thrown) {
    assert(thrown instanceof LogUnavailable, String(thrown));
    if (thrown.code === 'old-version')
      assert.match(thrown.message, /Bring it to 3\.5\.16 or later/);
    return thrown.code;
  } finally {
    for (const { stop } of servers) stop();
  }
}

for (const version of ['2.3.8', '3.3.27', '3.4.21', '3.5.0', '3.5.5', '3.5.0-rc.1', 'unknown']) {
  test(`etcd ${version} is refused`, async () => {
    assert.equal(await codeOf(version), 'old-version');
  });
}

for (const version of ['3.4.22', '3.4.23', '3.5.6', '3.5.16', '3.6.0', '4.0.0']) {
  test(`etcd ${version} is asked for the log`, async () => {
    assert.equal(await codeOf(version), 'unreachable');
  });
}

test('one old server among others is enough', async () => {
  assert.equal(await codeOf('3.5.16', '3.5.3', '3.5.16'), 'old-version');
});
