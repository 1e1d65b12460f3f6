/** show: one distribution, with its configuration and the ETag that a change has to name. */
import { connectToApi } from './api-client.ts';
import { command, type Report } from './command.ts';
import { distributionFacts } from './distribution-text.ts';
import type { Tagged } from './distribution-view.ts';
import { Distributions } from './distributions.ts';
import type { Kind } from './kind.ts';
import type { Command } from './world.ts';

export function showDistribution(kind: Kind): Command {
  return command(
    {
      words: `${kind.word} show`,
      operands: ['ID'],
      summary: `Shows one ${kind.said}, its status, ETag and configuration.`,
      options: [],
      example: `warmfront ${kind.word} show E1QXVPAEXAMPLE`,
    },
    async (given, world) =>
      reportOf(await new Distributions(await connectToApi(world), kind).find(given.operand(0))),
  );
}

export function reportOf({ etag, view }: Tagged): Report {
  return { text: distributionFacts(view, etag), json: { ...view, etag } };
}
