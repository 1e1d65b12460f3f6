/** edges: which edge location serves which position of the log. */
import { connectToApi } from './api-client.ts';
import { command } from './command.ts';
import { readEdges } from './edge-positions.ts';
import { textTable } from './text-table.ts';

export const edgesCommand = command(
  {
    words: 'edges',
    operands: [],
    summary: 'Lists the edge locations: state, position in the log, how far behind, whether held.',
    options: [],
    example: 'warmfront edges --json',
  },
  async (_, world) => {
    const positions = await readEdges(await connectToApi(world));
    const table = textTable(
      ['EDGE', 'STATE', 'POSITION', 'BEHIND', 'HELD'],
      positions.edges.map(({ behind, held, name, position, state }) => [
        name,
        state,
        position === null ? '-' : String(position),
        behind === null ? '-' : String(behind),
        held ? 'yes' : 'no',
      ]),
    );
    const settled = positions.settled
      ? ''
      : 'The server has just started and waits for its edges to report.\n';
    return { text: `${table}\nThe log is at ${positions.head}.\n${settled}`, json: positions };
  },
);
