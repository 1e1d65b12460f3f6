/** invalidate: what is sent, what is repeated, and waiting for Completed. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { runLine } from '../../test/harness/cli-world.ts';
import { answerOf, fakeInvalidation } from '../../test/harness/fake-answers.ts';
import { fakeApi, type Given, refusal } from '../../test/harness/fake-api.ts';

const collection = '/2020-05-31/distribution/E1/invalidation';

function invalidation(status: string): Given {
  return answerOf('CreateInvalidation', { Invalidation: fakeInvalidation(status) });
}

function edges(position: number): Given {
  const edge = {
    name: 'lima',
    state: 'serving',
    held: position < 7,
    position,
    behind: 7 - position,
  };
  return { status: 200, body: JSON.stringify({ head: 7, settled: true, edges: [edge] }) };
}

suite('an invalidation', () => {
  test('is sent as it was said, but each path with its slash, by either name', async (t) => {
    const api = await fakeApi(t, () => invalidation('InProgress'));
    for (const words of [['invalidate'], ['invalidation', 'create']]) {
      const line = [...words, 'E1', '/a & b', 'c', '/*', '--caller-reference', 'r', '--json'];
      const { code, out } = await runLine(api.url, line);
      assert.equal(code, 0);
      assert.deepEqual(JSON.parse(out), {
        id: 'I1',
        status: 'InProgress',
        createdAt: '2026-11-22T21:22:35.087Z',
        callerReference: 'r',
        paths: ['/a & b', '/c'],
      });
      const { body, method, path } = api.asked.at(-1) ?? {};
      assert.deepEqual({ method, path }, { method: 'POST', path: collection });
      assert.match(
        body ?? '',
        /<InvalidationBatch xmlns="[^"]*"><Paths><Quantity>3<\/Quantity><Items><Path>\/a &amp; b<\/Path><Path>\/c<\/Path><Path>\/\*<\/Path><\/Items><\/Paths><CallerReference>r</,
      );
    }
  });

  test('has a reference of its own each time, which makes it safe to send it again', async (t) => {
    const broken: Given[] = ['broken', refusal(503, 'ServiceUnavailable')];
    const api = await fakeApi(t, () => broken.shift() ?? invalidation('InProgress'));
    const { code, out } = await runLine(api.url, ['invalidate', 'E1', '/c']);
    assert.equal(code, 0);
    assert.match(out, /^id +I1\nstatus +InProgress\n/);
    const sent = api.asked.map(({ body }) => body);
    assert.equal(sent.length, 3);
    assert.equal(new Set(sent).size, 1, 'the very same each time');
    assert.match(sent[0] ?? '', /<CallerReference>warmfront-[0-9a-f-]{36}</);
  });

  test('that is refused is refused at once', async (t) => {
    const api = await fakeApi(t, () => refusal(400, 'TooManyInvalidationsInProgress', 'Wait.'));
    const { code, err } = await runLine(api.url, ['invalidate', 'E1', '/c', '--wait']);
    assert.equal(code, 1);
    assert.match(err, /^Failed: Wait\. \(TooManyInvalidationsInProgress, status 400/);
    assert.equal(api.asked.length, 1);
  });

  test('that cannot be meant is wrong usage, and nothing is sent', async (t) => {
    const api = await fakeApi(t, () => ({ status: 500 }));
    const cases: readonly [readonly string[], RegExp][] = [
      [['invalidate'], /ID is missing/],
      [['invalidate', 'E1'], /PATH is missing/],
      [['invalidate', 'E1', ''], /operand is empty/],
      [['invalidate', 'E1', '/a', 'https://x.example/b'], /is a URL; name the path alone/],
      [['invalidate', 'E1', '/a\u0007'], /XML cannot carry/],
      [['invalidate', 'E1', '/a', '--caller-reference', '\u0007'], /XML cannot carry/],
      [['invalidate', 'E1', '/a', '--timeout', 'x'], /no duration/],
      [['invalidation', 'show', 'E1'], /INVALIDATION is missing/],
    ];
    for (const [line, fault] of cases) {
      const { code, err } = await runLine(api.url, line);
      assert.equal(code, 2, line.join(' '));
      assert.match(err, fault);
    }
    assert.equal(api.asked.length, 0);
  });
});

suite('waiting for an invalidation', () => {
  test('ends with Completed, and tells which edge it waited for', async (t) => {
    let looks = 0;
    const api = await fakeApi(t, ({ method, path }) => {
      if (path === '/_warmfront/edges') return edges(looks < 3 ? 6 : 7);
      if (method === 'GET') looks += 1;
      return invalidation(looks < 4 ? 'InProgress' : 'Completed');
    });
    const { code, err, out } = await runLine(api.url, ['invalidate', 'E1', '/a', '/c', '--wait']);
    assert.equal(code, 0);
    assert.match(out, /status +Completed/);
    assert.match(err, /^Created I1 of 2 paths\n/);
    assert.match(
      err,
      /I1 is InProgress: 0 of 1 live edges have it; waits for lima \(held, 1 behind\)/,
    );
    const asked = api.asked.map(({ path }) => path);
    assert(asked.includes(`${collection}/I1`));
  });

  test('that takes too long fails, with the edges that lag', async (t) => {
    const api = await fakeApi(t, ({ path }) =>
      path === '/_warmfront/edges' ? edges(3) : invalidation('InProgress'),
    );
    const line = ['invalidate', 'E1', '/c', '--wait', '--timeout', '100ms', '--json'];
    const { code, out } = await runLine(api.url, line);
    assert.equal(code, 1);
    const { error } = JSON.parse(out);
    assert.equal(error.code, 'Timeout');
    assert.match(error.message, /I1 is still InProgress after 100ms\. Edges that lag: lima/);
    assert.equal(error.edges[0].position, 3);
  });

  test('works where the API has no private endpoints', async (t) => {
    let looks = 0;
    const api = await fakeApi(t, ({ method, path }) => {
      if (path.startsWith('/_warmfront/')) return refusal(400, 'InvalidURI');
      if (method === 'GET') looks += 1;
      return invalidation(looks < 2 ? 'InProgress' : 'Completed');
    });
    const { code, err } = await runLine(api.url, ['invalidate', 'E1', '/c', '--wait']);
    assert.equal(code, 0);
    assert.equal(err, 'Created I1 of 1 path\nI1 is InProgress\n');
  });

  test('ends when the distribution is deleted meanwhile', async (t) => {
    const api = await fakeApi(t, ({ method }) =>
      method === 'POST' ? invalidation('InProgress') : refusal(404, 'NoSuchDistribution', 'Gone.'),
    );
    const { code, err } = await runLine(api.url, ['invalidate', 'E1', '/c', '--wait']);
    assert.equal(code, 1);
    assert.match(err, /Failed: Gone\./);
  });

  test('that is interrupted says that the invalidation goes on', async (t) => {
    const interruption = new AbortController();
    const api = await fakeApi(t, ({ path }) =>
      path === '/_warmfront/edges' ? edges(3) : invalidation('InProgress'),
    );
    const { code, err } = await runLine(api.url, ['invalidate', 'E1', '/c', '--wait'], {
      interrupted: interruption.signal,
      onErr: (text) => {
        if (text.includes('waits for lima')) interruption.abort(new Error('interrupted'));
      },
    });
    assert.equal(code, 130);
    assert.match(err, /Interrupted\. An invalidation that was accepted goes on/);
  });
});
