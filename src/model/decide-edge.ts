/** What may be done to the edges that status waits for, and the reset that tests ask for. */
import type { Change } from '../base/log-record.ts';
import type { Catalog } from './catalog.ts';
import { resourceKey } from './resources/resource-document.ts';
import { step, type Decision, type Step } from './decision.ts';
import {
  accessIdentityKey,
  certificateKey,
  distributionKey,
  edgeKey,
  invalidationKey,
  keyPairKey,
  putEdge,
} from './document.ts';
import { Refusal } from './refusal.ts';

/**
 * One step of making the edges of this process known, and of forgetting all others if told so, but
 * those that have a token: they run on machines of their own.
 */
export function decideEdges(
  catalog: Catalog,
  names: readonly string[],
  others: 'forget' | 'keep',
  changesMax: number,
): Decision<Step> {
  const changes: Change[] = [];
  for (const name of names) {
    if (catalog.edgeTokens.has(name)) throw new Refusal('EdgeTokenAlreadyExists', { name });
    if (!catalog.edges.has(name)) changes.push(putEdge({ format: 1, name, held: false }));
  }
  for (const name of catalog.edges.keys()) {
    if (others === 'keep' || names.includes(name) || catalog.edgeTokens.has(name)) continue;
    changes.push({ key: edgeKey(name), value: null });
  }
  return step(changes, changesMax);
}

export function decideHold(catalog: Catalog, name: string, held: boolean): Decision<undefined> {
  const edge = catalog.edges.get(name);
  if (edge === undefined) {
    const known = [...catalog.edges.keys()].join(', ') || 'none';
    throw new Refusal('NoSuchEdge', { name, known });
  }
  return { changes: edge.held === held ? [] : [putEdge({ ...edge, held })], answer: undefined };
}

/** One step of a reset: deletes everything of every account whatever its state; holds no edge. */
export function decideReset(catalog: Catalog, changesMax: number): Decision<Step> {
  const changes: Change[] = [];
  for (const edge of catalog.edges.values()) {
    if (edge.held) changes.push(putEdge({ ...edge, held: false }));
  }
  for (const { document } of catalog.distributions.all()) {
    const { account, config, id } = document;
    changes.push({ key: distributionKey(account, config.kind, id), value: null });
  }
  for (const { document } of catalog.invalidations.all()) {
    changes.push({ key: invalidationKey(document.account, document.id), value: null });
  }
  for (const { document } of catalog.identities.all()) {
    changes.push({ key: accessIdentityKey(document.account, document.id), value: null });
  }
  for (const { document } of catalog.keyPairs.all()) {
    changes.push({ key: keyPairKey(document.account, document.id), value: null });
  }
  for (const { document } of catalog.certificates.all()) {
    changes.push({ key: certificateKey(document.account, document.id), value: null });
  }
  for (const { document } of catalog.allResources()) {
    const { account, id, kind } = document;
    changes.push({ key: resourceKey(account, kind, id), value: null });
  }
  for (const key of catalog.allTags()) changes.push({ key, value: null });
  for (const key of catalog.keyValues.keys()) changes.push({ key, value: null });
  return step(changes, changesMax);
}
