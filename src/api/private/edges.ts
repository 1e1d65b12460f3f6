/** Edges: which edge location has taken which position of the log. */
import { operation } from '../operation.ts';
import { jsonBody } from './json-form.ts';

export const listEdges = operation({
  name: 'ListEdges',
  method: 'GET',
  path: '/_warmfront/edges',
  async answer(_, { control }) {
    const { edges, head, settled } = await control.edges();
    const body = jsonBody({
      head,
      settled,
      edges: edges.map(({ behind, held, name, position, state }) => ({
        name,
        state,
        held,
        position: position ?? null,
        behind: behind ?? null,
      })),
    });
    return { status: 200, body };
  },
});
