/** Which edge serves which position of the log, as the private endpoint tells. */
import { type ApiClient, ApiRefusal } from './api-client.ts';
import { CommandFailure } from './failure.ts';

export type EdgePosition = {
  readonly name: string;
  /** `serving` while it is live; else `joining`, `draining` or `gone`. */
  readonly state: string;
  readonly held: boolean;
  readonly position: number | null;
  /** Records of the log that it has not taken yet. */
  readonly behind: number | null;
};

export type EdgePositions = {
  readonly head: number;
  /** False for a short while after the server's start, when nothing is called Deployed yet. */
  readonly settled: boolean;
  readonly edges: readonly EdgePosition[];
};

export async function readEdges(api: ApiClient): Promise<EdgePositions> {
  const document = await api.askJson('GET', '/_warmfront/edges');
  if (isRecord(document)) {
    const { edges, head, settled } = document;
    if (typeof head === 'number' && typeof settled === 'boolean' && Array.isArray(edges)) {
      return { head, settled, edges: edges.filter(isRecord).map(readEdge) };
    }
  }
  throw new CommandFailure('UnexpectedAnswer', 'The list of edges is not in the form expected.');
}

/** Undefined where the API has no such endpoint, as CloudFront's own has not. */
export async function readEdgesIfAny(api: ApiClient): Promise<EdgePositions | undefined> {
  try {
    return await readEdges(api);
  } catch (error) {
    const isRefused = error instanceof ApiRefusal && error.status < 500;
    const isOther = error instanceof CommandFailure && error.code === 'UnexpectedAnswer';
    if (isRefused || isOther) return undefined;
    throw error;
  }
}

/** Live edges that do not serve the position yet: those that a status waits for. */
export function lagging(positions: EdgePositions, target: number): readonly EdgePosition[] {
  return positions.edges.filter(
    ({ position, state }) => state === 'serving' && (position ?? -1) < target,
  );
}

/** `paris (held, 3 behind)`. */
export function saidOf({ behind, held, name, state }: EdgePosition): string {
  const facts = [
    ...(held ? ['held'] : []),
    ...(state === 'serving' ? [] : [state]),
    ...(behind === null || behind === 0 ? [] : [`${behind} behind`]),
  ];
  return facts.length === 0 ? name : `${name} (${facts.join(', ')})`;
}

function readEdge(edge: Readonly<Record<string, unknown>>): EdgePosition {
  const { behind, held, name, position, state } = edge;
  return {
    name: String(name),
    state: String(state),
    held: held === true,
    position: typeof position === 'number' ? position : null,
    behind: typeof behind === 'number' ? behind : null,
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
