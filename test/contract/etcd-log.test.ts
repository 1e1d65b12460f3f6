/** The contract of the log, on etcd: a real server, and a prefix of its own for each test. */
import { randomUUID } from 'node:crypto';
import { after, before, suite } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandomness } from '../../src/base/randomness.ts';
import { openEtcd } from '../../src/log/etcd-opening.ts';
import { PortReader, serveReader } from '../../src/log/port.ts';
import { Etcd } from '../harness/etcd.ts';
import { needs } from '../harness/programs.ts';
import { silentRecorder } from '../../src/base/recorder.ts';
import type { Home } from './home.ts';
import { logContract, readerContract } from './log.ts';

const ports = { randomness: systemRandomness, clock: systemClock, recorder: silentRecorder };

suite('the log in etcd', needs('etcd'), () => {
  let etcd: Etcd;
  before(async () => {
    etcd = await Etcd.start();
  });
  after(() => etcd.remove());

  async function etcdHome(): Promise<Home> {
    const settings = {
      servers: etcd.addresses,
      prefix: randomUUID(),
      tls: undefined,
      quotaBytes: 4 * 1_073_741_824,
    };
    return {
      open: async () => (await openEtcd(settings, ports)).log,
      keeps: 'for many',
      remove: async () => undefined,
    };
  }

  logContract('etcd', etcdHome);
  readerContract('etcd, through a port', async () => {
    return {
      ...(await etcdHome()),
      reader: (log) => {
        const { port1, port2 } = new MessageChannel();
        serveReader(port1, log);
        return new PortReader(port2);
      },
    };
  });
});
