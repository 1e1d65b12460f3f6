/**
 * delete: disable, wait until every live edge refuses viewers, delete; in one step (API 2020-05-31,
 * section 4.4). Nothing is remembered between runs: each begins by asking where the distribution
 * stands, so it may be interrupted and repeated at any point. Where somebody else changes the
 * distribution meanwhile it says so, and begins again from what stands then.
 */
import { pause } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { type ApiClient, ApiRefusal, connectToApi, Unreachable } from './api-client.ts';
import { command, type Report } from './command.ts';
import { Distributions } from './distributions.ts';
import { lagging, readEdgesIfAny, saidOf } from './edge-positions.ts';
import { CommandFailure } from './failure.ts';
import type { Kind } from './kind.ts';
import { type Progress, showProgress } from './progress.ts';
import { lateFailure, waitMsNormally, waitOption, waitUntilDeployed } from './waiting.ts';
import type { Command, World } from './world.ts';

export function deleteDistribution(kind: Kind): Command {
  return command(
    {
      words: `${kind.word} delete`,
      operands: ['ID'],
      summary: `Disables a ${kind.said}, waits until every live edge refuses its viewers, and deletes it.`,
      notes:
        'It may be interrupted and repeated at any point, and goes on from where things stand.',
      options: [
        { name: 'plan', kind: 'switch', form: '', meaning: 'say what it would do, and do nothing' },
        waitOption,
      ],
      example: `warmfront ${kind.word} delete E1QXVPAEXAMPLE`,
      onInterrupt: 'Repeat the command to go on from where it stands.',
    },
    async (given, world) => {
      const id = given.operand(0);
      const timeoutMs = given.duration('timeout', waitMsNormally);
      const api = await connectToApi(world);
      const distributions = new Distributions(api, kind);
      if (given.has('plan')) return plan(id, api, distributions);
      const progress = showProgress(world.err);
      return new Deletion({ id, api, distributions, progress, timeoutMs, world }).run();
    },
  );
}

async function plan(id: string, api: ApiClient, distributions: Distributions): Promise<Report> {
  const { etag, view } = await distributions.find(id);
  const positions = view.status === 'Deployed' ? undefined : await readEdgesIfAny(api);
  const late = positions === undefined ? [] : lagging(positions, positions.head);
  const { word } = distributions.kind;
  const steps = [
    ...(view.enabled
      ? [{ step: 'disable', call: `PUT /2020-05-31/${word}/${id}/config`, ifMatch: etag }]
      : []),
    ...(view.enabled || view.status !== 'Deployed'
      ? [{ step: 'wait', call: `GET /2020-05-31/${word}/${id} until Deployed`, ifMatch: null }]
      : []),
    {
      step: 'delete',
      call: `DELETE /2020-05-31/${word}/${id}`,
      // A disabling gives it a new one.
      ifMatch: view.enabled ? null : etag,
    },
  ];
  const stands = `${id} is ${view.enabled ? 'enabled' : 'disabled'} and ${view.status}`;
  const waits = late.length === 0 ? '' : `; behind: ${late.map(saidOf).join(', ')}`;
  const lines = steps.map(
    ({ call, ifMatch, step }, index) =>
      `  ${index + 1}. ${step.padEnd(7)}  ${call}${ifMatch === null ? '' : `, If-Match ${ifMatch}`}\n`,
  );
  return {
    text: `${stands}${waits}. Nothing was changed. What a delete would do:\n${lines.join('')}`,
    json: { id, enabled: view.enabled, status: view.status, etag, lagging: late, steps },
  };
}

type DeletionNeeds = {
  readonly id: string;
  readonly api: ApiClient;
  readonly distributions: Distributions;
  readonly progress: Progress;
  readonly timeoutMs: number;
  readonly world: Pick<World, 'clock' | 'interrupted'>;
};

/** Where one round of the steps ended. */
type Round = { readonly kind: 'deleted' } | { readonly kind: 'again'; readonly why: string };

const roundsMax = 20;
const betweenRoundsMs = 500;

class Deletion {
  readonly #needs: DeletionNeeds;
  readonly #restarts: string[] = [];
  readonly #deadlineMs: number;
  readonly #beganMs: number;
  /** A DELETE went out and what became of it is not known. */
  #maybeDeleted = false;
  #disabled = false;

  constructor(needs: DeletionNeeds) {
    this.#needs = needs;
    this.#beganMs = needs.world.clock.monotonicMs();
    this.#deadlineMs = this.#beganMs + needs.timeoutMs;
  }

  async run(): Promise<Report> {
    const { id, progress, world } = this.#needs;
    for (;;) {
      const round = await this.#round();
      if (round.kind === 'deleted') break;
      this.#restarts.push(round.why);
      progress.happened(`${round.why}; starting again`);
      if (this.#restarts.length >= roundsMax || this.#leftMs() <= 0) {
        throw new CommandFailure(
          'Changed',
          `${id} is not deleted: it was started again ${this.#restarts.length} times, the last time because ${round.why}. Repeat the command to go on.`,
          { id, restarts: this.#restarts },
        );
      }
      await pause(world.clock, Math.min(betweenRoundsMs, this.#leftMs()), world.interrupted);
    }
    const tookMs = world.clock.monotonicMs() - this.#beganMs;
    return {
      text: `${id} is deleted, after ${formatDuration(tookMs)}\n`,
      json: {
        id,
        deleted: true,
        disabled: this.#disabled,
        restarts: this.#restarts,
        tookMs: Math.round(tookMs),
      },
    };
  }

  #leftMs(): number {
    return this.#deadlineMs - this.#needs.world.clock.monotonicMs();
  }

  async #round(): Promise<Round> {
    const { distributions, id, progress } = this.#needs;
    try {
      const read = await distributions.config(id);
      let { etag } = read;
      if (read.enabled) {
        progress.now(`${id} is being disabled`);
        const changed = await distributions.setEnabled(id, read, false);
        etag = changed.etag;
        this.#disabled = true;
        progress.happened(`${id} is disabled; viewers are refused by each edge that has this`);
      }
      const waited = await waitUntilDeployed(id, etag, {
        ...this.#needs,
        timeoutMs: Math.max(0, this.#leftMs()),
      });
      if (waited.kind === 'gone') throw waited.refusal;
      if (waited.kind === 'changed') {
        return { kind: 'again', why: `${id} was changed by somebody else while it was waited for` };
      }
      if (waited.kind === 'late') {
        throw lateFailure(id, waited, this.#needs.timeoutMs, ' Repeat the command to go on.');
      }
      progress.happened(`${id} is Deployed: every live edge refuses its viewers`);
      await this.#delete(etag);
      return { kind: 'deleted' };
    } catch (error) {
      return this.#judge(error);
    } finally {
      progress.done();
    }
  }

  async #delete(etag: string): Promise<void> {
    const { distributions, id } = this.#needs;
    try {
      await distributions.delete(id, etag);
    } catch (error) {
      const isUnknown = error instanceof Unreachable ? error.maybeDone : isServerFault(error);
      if (isUnknown) this.#maybeDeleted = true;
      throw error;
    }
  }

  /** What an error means for the whole; rethrows what no repetition can mend. */
  #judge(error: unknown): Round {
    const { id, world } = this.#needs;
    if (world.interrupted.aborted) throw error;
    if (error instanceof ApiRefusal) {
      if (error.status === 404 && this.#maybeDeleted) return { kind: 'deleted' };
      if (error.status === 412) {
        return { kind: 'again', why: `${id} was changed by somebody else (status 412)` };
      }
      if (error.status === 409 && error.code.endsWith('DistributionNotDisabled')) {
        return { kind: 'again', why: `${id} is not disabled everywhere any more (status 409)` };
      }
      if (isServerFault(error)) {
        return { kind: 'again', why: `the API could not do it at this time (${error.code})` };
      }
    }
    if (error instanceof Unreachable && error.maybeDone) {
      return { kind: 'again', why: 'the connection to the API broke' };
    }
    throw error;
  }
}

function isServerFault(error: unknown): boolean {
  return error instanceof ApiRefusal && error.status >= 500;
}
