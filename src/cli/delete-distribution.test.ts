import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { runLine } from '../../test/harness/cli-world.ts';
import { answerOf, fakeConfig, fakeDistribution } from '../../test/harness/fake-answers.ts';
import {
  type Asked,
  type FakeApi,
  fakeApi,
  type Given,
  refusal,
} from '../../test/harness/fake-api.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import type { DistributionConfig } from '../wire/shapes.generated.ts';

/** Waits between polls and rounds last no time; time itself goes on as it does. */
const clock: Clock = {
  ...systemClock,
  after: (delayMs, act) => systemClock.after(delayMs < 5_000 ? 1 : delayMs, act),
};

/** One distribution, as a server would keep it; tests change it between the calls of the client. */
class Kept {
  enabled = true;
  deployed = true;
  etag = 1;
  exists = true;
  /** Polls of the status until an InProgress becomes Deployed. */
  polls = 1;
  /** Runs before each request is answered; an answer of its own is given instead. */
  meddle: (asked: Asked) => Given | undefined = () => undefined;

  answer(asked: Asked): Given {
    const instead = this.meddle(asked);
    if (instead !== undefined) return instead;
    const { method, path } = asked;
    if (path === '/_warmfront/edges') return this.#edges();
    if (!this.exists) return refusal(404, 'NoSuchDistribution');
    const etag = `E${this.etag}`;
    if (method === 'GET') {
      if (path.endsWith('/config')) {
        const output = { DistributionConfig: this.#config(), ETag: etag };
        return answerOf('GetDistributionConfig', output);
      }
      if (!this.deployed && this.polls-- <= 0) this.deployed = true;
      return this.#found();
    }
    if (asked.headers['if-match'] !== etag) return refusal(412, 'PreconditionFailed');
    if (method === 'PUT') {
      this.change(asked.body.includes('<Enabled>true'));
      return this.#found();
    }
    if (this.enabled || !this.deployed) return refusal(409, 'DistributionNotDisabled');
    this.exists = false;
    return { status: 204 };
  }

  change(enabled: boolean): void {
    this.enabled = enabled;
    this.deployed = false;
    this.polls = 1;
    this.etag += 1;
  }

  #edges(): Given {
    const position = this.deployed ? this.etag : this.etag - 1;
    const edge = { name: 'lima', state: 'serving', held: false, position, behind: 0 };
    const body = JSON.stringify({ head: this.etag, settled: true, edges: [edge] });
    return { status: 200, body };
  }

  #config(): DistributionConfig {
    return fakeConfig({ Comment: 'kept', Enabled: this.enabled });
  }

  #found(): Given {
    const Status = this.deployed ? 'Deployed' : 'InProgress';
    const given = fakeDistribution({ Status, DistributionConfig: this.#config() });
    return answerOf('GetDistribution', { Distribution: given, ETag: `E${this.etag}` });
  }
}

async function world(t: TestContext): Promise<{ kept: Kept; api: FakeApi }> {
  const kept = new Kept();
  return { kept, api: await fakeApi(t, (asked) => kept.answer(asked)) };
}

function calls(api: FakeApi, method: string): readonly Asked[] {
  return api.asked.filter((asked) => asked.method === method);
}

test('delete disables with the whole configuration, waits, and deletes with the new ETag', async (t) => {
  const { api, kept } = await world(t);
  const { code, err, out } = await runLine(api.url, ['distribution', 'delete', 'E1'], { clock });
  assert.equal(code, 0);
  assert.equal(kept.exists, false);
  assert.match(out, /^E1 is deleted, after /);
  assert.match(err, /E1 is disabled/);
  assert.match(err, /E1 is InProgress: 0 of 1 live edges have it; waits for lima/);
  assert.match(err, /E1 is Deployed: every live edge refuses its viewers/);
  const [put] = calls(api, 'PUT');
  assert.match(put?.body ?? '', /<Comment>kept<\/Comment><Enabled>false<\/Enabled>/);
  assert.equal(put?.headers['if-match'], 'E1');
  assert.deepEqual(
    calls(api, 'DELETE').map(({ headers }) => headers['if-match']),
    ['E2'],
  );
});

test('delete goes on from wherever an earlier run was interrupted', async (t) => {
  for (const [enabled, deployed, puts] of [
    [false, false, 0],
    [false, true, 0],
    [true, false, 1],
  ] as const) {
    const { api, kept } = await world(t);
    Object.assign(kept, { enabled, deployed });
    const { code, out } = await runLine(api.url, ['distribution', 'delete', 'E1', '--json'], {
      clock,
    });
    assert.equal(code, 0);
    assert.partialDeepStrictEqual(JSON.parse(out), {
      id: 'E1',
      deleted: true,
      disabled: puts === 1,
      restarts: [],
    });
    assert.equal(calls(api, 'PUT').length, puts);
  }
});

test('an interrupted run says how to go on, and the next one does', async (t) => {
  const { api, kept } = await world(t);
  const interruption = new AbortController();
  kept.meddle = ({ path }) => {
    // The server has taken the disabling, and the client waits.
    if (path === '/_warmfront/edges') interruption.abort();
    return undefined;
  };
  const line = ['distribution', 'delete', 'E1'];
  const first = await runLine(api.url, line, { clock, interrupted: interruption.signal });
  assert.equal(first.code, 130);
  assert.match(first.err, /Interrupted\. Repeat the command to go on from where it stands\.\n$/);
  kept.meddle = () => undefined;
  assert.equal((await runLine(api.url, line, { clock })).code, 0);
  assert.equal(calls(api, 'PUT').length, 1);
  assert.equal(kept.exists, false);
});

test('delete starts again, and says why, where somebody else changes the distribution', async (t) => {
  const moments: readonly [string, (asked: Asked) => boolean, RegExp][] = [
    ['before the PUT', ({ method }) => method === 'PUT', /changed by somebody else \(status 412\)/],
    ['before the DELETE', ({ method }) => method === 'DELETE', /somebody else \(status 412\)/],
    [
      'while it waits',
      ({ path }) => path === '/_warmfront/edges',
      /changed by somebody else while it was waited for/,
    ],
  ];
  for (const [moment, is, why] of moments) {
    const { api, kept } = await world(t);
    let meddled = 0;
    kept.meddle = (asked) => {
      if (is(asked) && meddled++ === 0) kept.change(true);
      return undefined;
    };
    const { code, err } = await runLine(api.url, ['distribution', 'delete', 'E1'], { clock });
    assert.equal(code, 0, moment);
    assert.match(err, why);
    assert.match(err, /starting again/);
    assert.equal(kept.exists, false);
  }
});

test('a delete that others always undo ends, and says so', async (t) => {
  const { api, kept } = await world(t);
  kept.meddle = ({ method }) => {
    if (method === 'DELETE') kept.change(true);
    return undefined;
  };
  const { code, out } = await runLine(api.url, ['distribution', 'delete', 'E1', '--json'], {
    clock,
  });
  assert.equal(code, 1);
  const { error } = JSON.parse(out);
  assert.equal(error.code, 'Changed');
  assert.equal(error.restarts.length, 20);
  assert.match(error.message, /Repeat the command to go on/);
});

test('a DELETE whose answer is lost is settled by asking, not by guessing', async (t) => {
  for (const happened of [true, false]) {
    const { api, kept } = await world(t);
    let lost = 0;
    kept.meddle = ({ method }) => {
      if (method !== 'DELETE' || lost++ > 0) return undefined;
      kept.exists = !happened;
      return 'broken';
    };
    const { code, err, out } = await runLine(api.url, ['distribution', 'delete', 'E1'], { clock });
    assert.equal(code, 0);
    assert.match(err, /the connection to the API broke; starting again/);
    assert.match(out, /E1 is deleted/);
    assert.equal(kept.exists, false);
  }
});

test('a server that is busy is asked again', async (t) => {
  const { api, kept } = await world(t);
  let busy = 2;
  kept.meddle = ({ method }) =>
    method === 'PUT' && busy-- > 0 ? refusal(503, 'ServiceUnavailable') : undefined;
  const { code, err } = await runLine(api.url, ['distribution', 'delete', 'E1'], { clock });
  assert.equal(code, 0);
  assert.match(err, /the API could not do it at this time \(ServiceUnavailable\)/);
});

test('a distribution that is not there is NoSuchDistribution, also when it goes meanwhile', async (t) => {
  const { api, kept } = await world(t);
  kept.exists = false;
  const line = ['distribution', 'delete', 'E1', '--json'];
  const first = await runLine(api.url, line, { clock });
  assert.equal(first.code, 1);
  assert.equal(JSON.parse(first.out).error.code, 'NoSuchDistribution');

  Object.assign(kept, { exists: true, enabled: true, deployed: true });
  kept.meddle = ({ path }) => {
    if (path === '/_warmfront/edges') kept.exists = false;
    return undefined;
  };
  const meanwhile = await runLine(api.url, line, { clock });
  assert.equal(meanwhile.code, 1);
  assert.equal(JSON.parse(meanwhile.out).error.code, 'NoSuchDistribution');
});

test('when the time is up, the edges that lag are named, and nothing is lost', async (t) => {
  const { api, kept } = await world(t);
  kept.meddle = () => {
    kept.polls = 5;
    return undefined;
  };
  const line = ['distribution', 'delete', 'E1', '--timeout', '20ms'];
  const { code, err } = await runLine(api.url, line, { clock });
  assert.equal(code, 1);
  assert.match(
    err,
    /Failed: E1 is still InProgress after 20ms\. Edges that lag: lima\. Repeat the command to go on\.\n$/,
  );
  assert.equal(calls(api, 'DELETE').length, 0);
  kept.meddle = () => undefined;
  assert.equal((await runLine(api.url, ['distribution', 'delete', 'E1'], { clock })).code, 0);
});

test('a plan says what would be done, and does nothing', async (t) => {
  const { api, kept } = await world(t);
  const line = ['distribution', 'delete', 'E1', '--plan'];
  const whole = await runLine(api.url, line, { clock });
  assert.equal(whole.code, 0);
  assert.match(whole.out, /E1 is enabled and Deployed\. Nothing was changed/);
  assert.match(whole.out, /1\. disable +PUT .*\/config, If-Match E1\n.*2\. wait .*\n.*3\. delete /);
  Object.assign(kept, { enabled: false, deployed: false, polls: 9 });
  const waiting = JSON.parse((await runLine(api.url, [...line, '--json'], { clock })).out);
  assert.deepEqual(
    waiting.steps.map(({ step }: { step: string }) => step),
    ['wait', 'delete'],
  );
  assert.deepEqual(
    waiting.lagging.map(({ name }: { name: string }) => name),
    ['lima'],
  );
  assert.equal(waiting.steps[1].ifMatch, 'E1');
  assert(api.asked.every(({ method }) => method === 'GET'));
});

test('an API without the private endpoints is waited for by its status alone', async (t) => {
  const { api, kept } = await world(t);
  kept.meddle = ({ path }) =>
    path.startsWith('/_warmfront') ? refusal(404, 'InvalidURI') : undefined;
  const { code, err } = await runLine(api.url, ['distribution', 'delete', 'E1'], { clock });
  assert.equal(code, 0);
  assert.match(err, /E1 is InProgress\n/);
});
