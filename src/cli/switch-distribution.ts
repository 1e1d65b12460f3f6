/** enable, disable: the whole configuration read, and written back with that one change. */
import { type ApiClient, ApiRefusal, connectToApi } from './api-client.ts';
import { command } from './command.ts';
import type { Tagged } from './distribution-view.ts';
import { Distributions } from './distributions.ts';
import type { Kind } from './kind.ts';
import { showProgress } from './progress.ts';
import { reportOf } from './show-distribution.ts';
import { requireDeployed, waitMsNormally, waitOption } from './waiting.ts';
import type { Command } from './world.ts';

const triesMax = 5;

export function switchDistribution(kind: Kind, verb: 'enable' | 'disable'): Command {
  const after = verb === 'enable' ? 'are answered' : 'are refused';
  return command(
    {
      words: `${kind.word} ${verb}`,
      operands: ['ID'],
      summary: `Has one ${kind.said} ${verb}d: viewers ${after} once it is Deployed.`,
      options: [
        { name: 'wait', kind: 'switch', form: '', meaning: 'wait until it is Deployed' },
        waitOption,
      ],
      example: `warmfront ${kind.word} ${verb} E1QXVPAEXAMPLE --wait`,
    },
    async (given, world) => {
      const id = given.operand(0);
      const timeoutMs = given.duration('timeout', waitMsNormally);
      const api: ApiClient = await connectToApi(world);
      const distributions = new Distributions(api, kind);
      const progress = showProgress(world.err);
      const changed = await setEnabled(distributions, id, verb === 'enable', (what) =>
        progress.happened(what),
      );
      if (!given.has('wait')) return reportOf(changed);
      const needs = { api, distributions, progress, timeoutMs, world };
      return reportOf(await requireDeployed(id, changed.etag, needs));
    },
  );
}

/** Reads and writes again where somebody else's change came between. */
async function setEnabled(
  distributions: Distributions,
  id: string,
  enabled: boolean,
  tell: (what: string) => void,
): Promise<Tagged> {
  for (let tries = 1; ; tries += 1) {
    const read = await distributions.config(id);
    if (read.enabled === enabled) {
      tell(`${id} is ${enabled ? 'enabled' : 'disabled'} already`);
      return distributions.find(id);
    }
    try {
      return await distributions.setEnabled(id, read, enabled);
    } catch (error) {
      const isOvertaken = error instanceof ApiRefusal && error.status === 412;
      if (!isOvertaken || tries === triesMax) throw error;
      tell(`${id} was changed by somebody else meanwhile; reading it again`);
    }
  }
}
