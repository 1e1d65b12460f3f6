/** What the workers of an edge answer viewers, as whoever watches it is told by /_warmfront/metrics. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { headerValue } from '../../src/http/header-list.ts';
import { ApiCaller, assertStatus } from '../harness/api-caller.ts';
import { create, download, untilDeployed } from '../harness/kinds.ts';
import { edgesOnFreePorts, freePorts, startServerProcess } from '../harness/server-process.ts';
import { until } from '../harness/until.ts';
import { type Answer, Viewer } from '../harness/viewer.ts';

const mine =
  /^warmfront_edge_(?:requests_total|origin_failures_total|connections)\{edge="lima".*$/gm;
const lineOf = /^(?<name>.*) (?<value>\d+)$/;

test('requests are counted by result and class of status, over all workers, by the lane too', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'warmfront-metrics-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'a.txt'), 'hello');
  const bucket = `pics=${folder}`;
  const edges = [...edgesOnFreePorts('lima'), '--edge-workers', '2'];
  const server = await startServerProcess(['--memory', ...freePorts, ...edges, '--bucket', bucket]);
  t.after(() => server.stop());
  const api = new ApiCaller(server.addresses.api);
  const made = await create(api, download, { reference: 'site' });
  await untilDeployed(api, made.path);
  const port = Number(new URL(server.addresses.edges[0]?.http ?? '').port);
  const viewer = new Viewer({ port, host: made.domain });

  const seen = { Hit: 0, Miss: 0 };
  let etag = '';
  const count = ({ headers, status }: Answer): void => {
    assert.equal(status, 200);
    etag = headerValue(headers, 'etag') ?? '';
    seen[headerValue(headers, 'x-cache') === 'Hit from cloudfront' ? 'Hit' : 'Miss'] += 1;
  };
  // Each connection comes to one of the workers, and each worker has a cache of its own.
  for (let turn = 0; turn < 20; turn += 1) count(await viewer.gets('/a.txt').answer);
  await using kept = await viewer.connects();
  kept.write(`GET /a.txt HTTP/1.1\r\nHost: ${made.domain}\r\n\r\n`);
  count(await kept.answer());
  kept.write(`GET /a.txt HTTP/1.1\r\nHost: ${made.domain}\r\nIf-None-Match: ${etag}\r\n\r\n`);
  assert.equal((await kept.answer(true)).status, 304);
  await viewer.gets('/none.txt').sees({ status: 404 });
  await viewer.asks('DELETE', '/a.txt').sees({ status: 403 });
  await viewer.for('unknown.example.com').gets('/').sees({ status: 403 });

  const wanted = {
    'warmfront_edge_requests_total{edge="lima",result="Hit",status="2xx"}': seen.Hit,
    'warmfront_edge_requests_total{edge="lima",result="Hit",status="3xx"}': 1,
    'warmfront_edge_requests_total{edge="lima",result="Miss",status="2xx"}': seen.Miss,
    'warmfront_edge_requests_total{edge="lima",result="Error",status="4xx"}': 3,
    'warmfront_edge_origin_failures_total{edge="lima"}': 0,
    'warmfront_edge_connections{edge="lima"}': 1,
  };
  let told: Record<string, number> = {};
  await until(
    'all is told',
    async () => {
      const reply = await api.get('/_warmfront/metrics');
      assertStatus(reply, 200);
      told = Object.fromEntries(
        [...reply.body.matchAll(mine)].map(([line]) => {
          const { name = '', value } = lineOf.exec(line)?.groups ?? {};
          return [name, Number(value)];
        }),
      );
      return Object.entries(wanted).every(([name, value]) => told[name] === value) || undefined;
    },
    { seen: () => JSON.stringify({ told, wanted }, undefined, 1) },
  );
  assert.deepEqual(told, wanted);
});
