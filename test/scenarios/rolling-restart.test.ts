/**
 * Everything is stopped and started again, one after the other, while viewers ask and changes are
 * made: servers of etcd, API processes with their DNS, edges. No viewer sees an error, and no change is
 * lost. docs/operating.md tells operators to do what is done here.
 */
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { suite, test } from 'node:test';
import { cliForm, originHost } from '../api-2020-05-31/distribution-forms.ts';
import { sdkClient } from '../api-2020-05-31/sdk.ts';
import { Fleet } from '../harness/fleet.ts';
import { needs } from '../harness/programs.ts';
import {
  type Detours,
  ResolvingViewer,
  type ResolvingViewerOptions,
} from '../harness/resolving-viewer.ts';
import { pause, until } from '../harness/until.ts';

const slowPieces = Array.from({ length: 20 }, (_, index) => `${index} `.repeat(2_000));
const slowBody = slowPieces.join('');
const betweenPiecesMs = 50;

async function sendSlowly(response: ServerResponse): Promise<void> {
  for (const piece of slowPieces) {
    response.write(piece);
    await pause(betweenPiecesMs);
  }
  response.end();
}

/** What is stored, what never is, and what takes a second. */
async function startOrigin() {
  const server = createServer(({ url = '' }, response) => {
    const stored = url.startsWith('/stored');
    response.setHeader('cache-control', stored ? 'max-age=3600' : 'no-store');
    if (url.startsWith('/slow')) void sendSlowly(response);
    else response.end(`this is ${url}`);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  assert(typeof address === 'object' && address !== null);
  return { server, setting: `--origin=${originHost}=http://127.0.0.1:${address.port}` };
}

/** What is restarted just now; told with errors. */
const under = { way: 'nothing' };

type Tally = { answers: number; lastOnes: number; readonly errors: string[] };

/** Asks again and again until it is told to stop. */
async function watch(
  name: string,
  viewer: ResolvingViewer,
  paths: readonly string[],
  stop: AbortSignal,
): Promise<Tally> {
  const tally: Tally = { answers: 0, lastOnes: 0, errors: [] };
  for (let turn = 0; !stop.aborted; turn += 1) {
    const path = paths[turn % paths.length] ?? '/';
    try {
      const { body, isLast, status } = await viewer.gets(path);
      const expected = path.startsWith('/slow') ? slowBody : `this is ${path}`;
      if (status !== 200 || body !== expected) {
        tally.errors.push(
          `while ${under.way} restarts, ${name} ${path}: ${status} ${body.slice(0, 80)} (${body.length})`,
        );
      }
      tally.answers += 1;
      if (isLast) tally.lastOnes += 1;
    } catch (error) {
      const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
      tally.errors.push(`while ${under.way} restarts, ${name} ${path}: ${message} ${stack}`);
    }
    await pause(20);
  }
  viewer.close();
  return tally;
}

suite('a fleet', needs('etcd', 'etcdctl'), () => {
  test('is restarted part by part, and no viewer sees an error', async (t) => {
    const origin = await startOrigin();
    const fleet = await Fleet.start({
      apis: 2,
      edges: ['paris1', 'rome1', 'lima1'],
      drain: '4s',
      lease: '4s',
      ttlS: 1,
      origin: [origin.setting],
    });
    const clients = fleet.apis.map(({ process }) => sdkClient(process.addresses.api));
    /** As a tool does that knows both API processes: the other one where one does not answer. */
    const call = (operation: string, input: object) =>
      until(
        `${operation} is answered`,
        async () => {
          for (const client of clients) {
            const answer = await client.call(operation, input).catch((error: unknown) => {
              if (isPassing(error)) return undefined;
              throw error;
            });
            if (answer !== undefined) return answer;
          }
          return undefined;
        },
        { msMax: 30_000 },
      );
    const stop = new AbortController();
    try {
      const form = cliForm('rolling', { HttpVersion: 'http2' });
      const made = await call('CreateDistribution', { DistributionConfig: form });
      const { DomainName: host, Id } = Object(made['Distribution']);
      const isDeployed = () =>
        until(
          'it is Deployed',
          async () => {
            const { Distribution } = await call('GetDistribution', { Id });
            return Object(Distribution).Status === 'Deployed' ? true : undefined;
          },
          { msMax: 30_000 },
        );
      await isDeployed();

      const { nameServers } = fleet;
      const authority = await fleet.authority();
      const plain = { nameServers, host, port: fleet.ports.http } as const;
      const secure = { nameServers, host, port: fleet.ports.https, authority } as const;
      const small = ['/stored/a', '/fresh/b'];
      const kinds: readonly (readonly [string, ResolvingViewerOptions, readonly string[]])[] = [
        ['kept', { ...plain, speaks: 'h1' }, small],
        ['once', { ...plain, speaks: 'h1-once' }, small],
        ['kept over TLS', { ...secure, speaks: 'h1' }, small],
        ['h2', { ...secure, speaks: 'h2' }, small],
        ['slow', { ...plain, speaks: 'h1' }, ['/slow']],
        ['slow h2', { ...secure, speaks: 'h2' }, ['/slow']],
      ];
      const viewers = kinds.map(([, options]) => new ResolvingViewer(options));
      const watching = kinds.map(([name, , paths], index) => {
        const viewer = viewers[index];
        assert(viewer);
        return watch(name, viewer, paths, stop.signal);
      });
      let changes = 0;
      const changing = (async () => {
        while (!stop.signal.aborted) {
          const { DistributionConfig, ETag } = await call('GetDistributionConfig', { Id });
          const Comment = `change ${changes + 1}`;
          const changed = { ...Object(DistributionConfig), Comment };
          const update = { Id, IfMatch: ETag, DistributionConfig: changed };
          const outcome = await call('UpdateDistribution', update).catch((error: unknown) => error);
          // An answer that was lost: the change may stand already.
          const isLost = outcome instanceof Error && outcome.name === 'PreconditionFailed';
          if (outcome instanceof Error && !isLost) throw outcome;
          changes += 1;
          await pause(250);
        }
      })();

      for (const server of fleet.etcd.servers) {
        under.way = `etcd at ${server.address}`;
        await server.terminate();
        server.start();
        await server.ready();
        await until('all of etcd is healthy', () => {
          try {
            return fleet.etcd.control('endpoint', 'health') === undefined ? undefined : true;
          } catch {
            return undefined;
          }
        });
      }
      for (const part of [...fleet.apis, ...fleet.edges]) {
        under.way = part.name;
        await fleet.restart(part);
      }

      stop.abort();
      const tallies = await Promise.all(watching);
      await changing;
      const detours: Detours = { nextAddress: 0, askedAgain: 0, nextNameServer: 0, goneAway: 0 };
      for (const [index, tally] of tallies.entries()) {
        const [name = ''] = kinds[index] ?? [];
        t.diagnostic(
          `${name}: ${tally.answers} answers, ${tally.lastOnes} the last of a connection`,
        );
        assert.deepEqual(tally.errors, [], name);
        assert(tally.answers > 0, name);
        const took = viewers[index]?.detours ?? detours;
        detours.nextAddress += took.nextAddress;
        detours.askedAgain += took.askedAgain;
        detours.nextNameServer += took.nextNameServer;
        detours.goneAway += took.goneAway;
      }
      t.diagnostic(`${changes} changes; detours of viewers: ${JSON.stringify(detours)}`);
      // Edges that drain have said so, over HTTP/1.1 and over HTTP/2.
      assert((tallies[0]?.lastOnes ?? 0) > 0);
      assert(detours.goneAway > 0);
      assert(changes > 0);
      await isDeployed();
    } finally {
      stop.abort();
      for (const client of clients) client.close();
      await fleet.end();
      origin.server.closeAllConnections();
      origin.server.close();
    }
  });
});

/** Another API process, or the same one in a while, will do it. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return (
    ['ServiceUnavailable', 'TimeoutError', 'AggregateError'].includes(error.name) ||
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(code)
  );
}
