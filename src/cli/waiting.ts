/**
 * Waiting for `Deployed`, or for `Completed`. The status alone ends the wait, since it is the fact;
 * what the edges serve is asked beside it, to tell which of them it waits for.
 */
import { pause } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { type ApiClient, ApiRefusal } from './api-client.ts';
import type { Tagged } from './distribution-view.ts';
import type { Distributions } from './distributions.ts';
import { type EdgePosition, lagging, readEdgesIfAny, saidOf } from './edge-positions.ts';
import { CommandFailure } from './failure.ts';
import type { Progress } from './progress.ts';
import type { World } from './world.ts';

export const waitMsNormally = 30 * 60_000;
export const waitOption = {
  name: 'timeout',
  kind: 'one',
  form: 'DURATION',
  meaning: 'give up after this time (30m)',
} as const;

export type Waited =
  | { readonly kind: 'deployed'; readonly now: Tagged }
  /** Somebody changed it since; only where an ETag was given. */
  | { readonly kind: 'changed'; readonly now: Tagged }
  | { readonly kind: 'gone'; readonly refusal: ApiRefusal }
  | Late;

export type Late = {
  readonly kind: 'late';
  readonly status: string;
  readonly edges: readonly EdgePosition[];
};

export type WaitNeeds = {
  readonly api: ApiClient;
  readonly distributions: Distributions;
  readonly progress: Progress;
  readonly world: Pick<World, 'clock' | 'interrupted'>;
  readonly timeoutMs: number;
};

const pollMsMin = 50;
const pollMsMax = 1_000;
const pollGrowth = 1.5;

/** Looks again and again until `look` finds what ends the wait. */
export async function waitFor<Found>(
  id: string,
  look: () => Promise<{ readonly found: Found } | { readonly status: string }>,
  { api, progress, timeoutMs, world }: Omit<WaitNeeds, 'distributions'>,
): Promise<{ readonly kind: 'found'; readonly found: Found } | Late> {
  const { clock, interrupted } = world;
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  let pollMs = pollMsMin;
  let target: number | undefined;
  try {
    for (;;) {
      const now = await look();
      if ('found' in now) return { kind: 'found', found: now.found };
      const { status } = now;
      const positions = await readEdgesIfAny(api);
      // Whatever was asked for stands at or below the head of this moment.
      target ??= positions?.head;
      const late = positions === undefined ? [] : lagging(positions, target ?? 0);
      const all = positions?.edges ?? [];
      progress.now(
        positions === undefined
          ? `${id} is ${status}`
          : `${id} is ${status}: ${edgeText(all, late, positions.settled)}`,
      );
      const leftMs = deadlineMs - clock.monotonicMs();
      if (leftMs <= 0) return { kind: 'late', status, edges: late };
      await pause(clock, Math.min(pollMs, leftMs), interrupted);
      pollMs = Math.min(pollMs * pollGrowth, pollMsMax);
    }
  } finally {
    progress.done();
  }
}

export async function waitUntilDeployed(
  id: string,
  etag: string | undefined,
  needs: WaitNeeds,
): Promise<Waited> {
  const look = async (): Promise<{ found: Exclude<Waited, Late> } | { status: string }> => {
    const now = await findOrGone(needs.distributions, id);
    if (now instanceof ApiRefusal) return { found: { kind: 'gone', refusal: now } };
    if (etag !== undefined && now.etag !== etag) return { found: { kind: 'changed', now } };
    const { status } = now.view;
    return status === 'Deployed' ? { found: { kind: 'deployed', now } } : { status };
  };
  const waited = await waitFor(id, look, needs);
  return waited.kind === 'found' ? waited.found : waited;
}

function edgeText(
  all: readonly EdgePosition[],
  late: readonly EdgePosition[],
  settled: boolean,
): string {
  if (!settled) return 'the server has just started and waits for its edges to report';
  const live = all.filter(({ state }) => state === 'serving');
  const away = all.filter(({ state }) => state !== 'serving');
  const parts = [
    `${live.length - late.length} of ${live.length} live edges have it`,
    ...(late.length === 0 ? [] : [`waits for ${late.map(saidOf).join(', ')}`]),
    ...(away.length === 0 ? [] : [`not live: ${away.map(saidOf).join(', ')}`]),
  ];
  return parts.join('; ');
}

async function findOrGone(distributions: Distributions, id: string): Promise<Tagged | ApiRefusal> {
  try {
    return await distributions.find(id);
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 404) return error;
    throw error;
  }
}

/** Waits for one change and takes nothing but `Deployed`; rejects with a CommandFailure. */
export async function requireDeployed(
  id: string,
  etag: string | undefined,
  needs: WaitNeeds,
): Promise<Tagged> {
  const waited = await waitUntilDeployed(id, etag, needs);
  if (waited.kind === 'deployed') return waited.now;
  if (waited.kind === 'gone') throw waited.refusal;
  if (waited.kind === 'changed') {
    throw new CommandFailure(
      'Changed',
      `${id} was changed by somebody else while it was waited for; its ETag is ${waited.now.etag} now.`,
      { id, etag: waited.now.etag },
    );
  }
  throw lateFailure(id, waited, needs.timeoutMs);
}

export function lateFailure(
  id: string,
  { edges, status }: Late,
  timeoutMs: number,
  hint = '',
): CommandFailure {
  const who =
    edges.length === 0
      ? 'No live edge was seen to lag.'
      : `Edges that lag: ${edges.map(saidOf).join(', ')}.`;
  return new CommandFailure(
    'Timeout',
    `${id} is still ${status} after ${formatDuration(timeoutMs)}. ${who}${hint}`,
    { id, status, edges },
  );
}
