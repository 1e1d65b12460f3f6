/** wait: until every live edge has the last change of a distribution of either kind. */
import { type ApiClient, ApiRefusal, connectToApi } from './api-client.ts';
import { command } from './command.ts';
import { Distributions } from './distributions.ts';
import { CommandFailure } from './failure.ts';
import { downloads, streamings } from './kind.ts';
import { showProgress } from './progress.ts';
import { reportOf } from './show-distribution.ts';
import { requireDeployed, waitMsNormally, waitOption } from './waiting.ts';

export const waitCommand = command(
  {
    words: 'wait',
    operands: ['ID'],
    summary: 'Waits until a distribution, download or streaming, is Deployed.',
    notes: 'Ends with exit code 1 and the edges that lag when the time is up.',
    options: [waitOption],
    example: 'warmfront wait E1QXVPAEXAMPLE --timeout 30s',
  },
  async (given, world) => {
    const id = given.operand(0);
    const timeoutMs = given.duration('timeout', waitMsNormally);
    const api = await connectToApi(world);
    const distributions = await kindOf(api, id);
    const progress = showProgress(world.err);
    const needs = { api, distributions, progress, timeoutMs, world };
    const { json } = reportOf(await requireDeployed(id, undefined, needs));
    return { text: `${id} is Deployed\n`, json };
  },
);

async function kindOf(api: ApiClient, id: string): Promise<Distributions> {
  for (const kind of [downloads, streamings]) {
    const distributions = new Distributions(api, kind);
    try {
      await distributions.find(id);
      return distributions;
    } catch (error) {
      if (!(error instanceof ApiRefusal) || error.status !== 404) throw error;
    }
  }
  throw new CommandFailure(
    'NoSuchDistribution',
    `There is neither a distribution nor a streaming distribution ${id}.`,
    { id },
  );
}
