/** edges hold, edges release: an edge kept back on purpose, to see what lags do. */
import { connectToApi } from './api-client.ts';
import { command } from './command.ts';
import type { Command } from './world.ts';

export function holdEdge(verb: 'hold' | 'release'): Command {
  const isHold = verb === 'hold';
  return command(
    {
      words: `edges ${verb}`,
      operands: ['NAME'],
      summary: isHold
        ? 'Keeps an edge location from taking any later change, until it is released.'
        : 'Lets a held edge location take what it has missed.',
      ...(isHold
        ? { notes: 'It goes on to answer viewers, and holds every status back at InProgress.' }
        : {}),
      options: [],
      example: `warmfront edges ${verb} local1`,
    },
    async (given, world) => {
      const name = given.operand(0);
      const api = await connectToApi(world);
      const json = await api.askJson(
        'POST',
        `/_warmfront/edges/${encodeURIComponent(name)}/${verb}`,
      );
      return { text: `${name} is ${isHold ? 'held' : 'released'}\n`, json };
    },
  );
}
