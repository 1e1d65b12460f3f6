/**
 * Random commands on identities and the distributions that name them: an identity is deleted only
 * when neither the catalog nor anything that an edge may still serve names it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Revision, revision } from '../../src/base/log-record.ts';
import { type Catalog, identitiesOf } from '../../src/model/catalog.ts';
import {
  decideCreateIdentity,
  decideDeleteIdentity,
  decideReplaceIdentity,
} from '../../src/model/decide-access-identity.ts';
import { decideCreate, decideDelete, decideReplace } from '../../src/model/decide-distribution.ts';
import type { Decision, Facts } from '../../src/model/decision.ts';
import type { DistributionConfig, DistributionKind } from '../../src/model/distribution.ts';
import { Refusal } from '../../src/model/refusal.ts';
import { configOf } from '../harness/configs.ts';
import { account, Deciding } from '../harness/deciding.ts';

const command = fc.record({
  do: fc.constantFrom(
    'create identity',
    'create identity',
    'change comment',
    'delete identity',
    'delete identity',
    'delete identity',
    'create',
    'replace',
    'replace',
    'delete',
    'edges go on',
    'edges go on',
  ),
  kind: fc.constantFrom<DistributionKind>('download', 'download', 'streaming'),
  target: fc.nat(5),
  identity: fc.option(fc.nat(3), { nil: undefined, freq: 2 }),
  enabled: fc.boolean(),
  steps: fc.integer({ min: 1, max: 6 }),
});
type Command = typeof command extends fc.Arbitrary<infer One> ? One : never;

class Play {
  readonly deciding = new Deciding({ 'access-identities': 3, distributions: 2 });
  /** Position → the identities that its catalog names. */
  readonly named = new Map<Revision, ReadonlySet<string>>();
  #references = 0;

  perform(one: Command): void {
    if (one.do === 'edges go on') {
      const { catalog, served } = this.deciding;
      this.deciding.served = revision(Math.min(catalog.revision, served + one.steps));
      return;
    }
    try {
      this.deciding.does((catalog, facts) => this.#decide(one, catalog, facts));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
    const { catalog } = this.deciding;
    const named = [...catalog.distributions.all()].flatMap(({ document }) => [
      ...identitiesOf(document.config),
    ]);
    this.named.set(catalog.revision, new Set(named));
  }

  #decide(one: Command, catalog: Catalog, facts: Facts): Decision<unknown> {
    const { kind } = one;
    this.#references += 1;
    const callerReference = `reference ${this.#references}`;
    const identities = [...catalog.identities.all()].map(({ document }) => document);
    const identity = identities[(one.identity ?? one.target) % Math.max(1, identities.length)];
    if (one.do === 'create identity') {
      const readConfig = () => ({ callerReference, comment: '' });
      return decideCreateIdentity(catalog, { account, readConfig }, facts);
    }
    const about = { account, id: identity?.id ?? 'E0', ifMatch: identity?.etag };
    if (one.do === 'delete identity') return decideDeleteIdentity(catalog, about, facts);
    if (one.do === 'change comment') {
      const readConfig = () => ({
        callerReference: identity?.config.callerReference ?? 'none',
        comment: callerReference,
      });
      return decideReplaceIdentity(catalog, { ...about, readConfig }, facts);
    }
    const names = one.identity === undefined ? undefined : identity?.id;
    if (one.do === 'create') {
      const readConfig = () => naming(configOf(kind, callerReference), names, one.enabled);
      return decideCreate(catalog, { account, kind, readConfig }, facts);
    }
    const all = [...catalog.distributions.all()].map(({ document }) => document);
    const target = all[one.target % Math.max(1, all.length)];
    const which = {
      account,
      kind: target?.config.kind ?? kind,
      id: target?.id ?? 'E0',
      ifMatch: target?.etag,
    };
    if (one.do === 'delete') return decideDelete(catalog, which, facts);
    const config = target?.config ?? configOf(kind, callerReference);
    const readConfig = () => naming(config, names, one.enabled);
    return decideReplace(catalog, { ...which, readConfig }, facts);
  }
}

function naming(
  config: DistributionConfig,
  accessIdentity: string | undefined,
  enabled: boolean,
): DistributionConfig {
  const origins = config.origins.map((origin) =>
    origin.kind === 's3' ? { ...origin, accessIdentity } : origin,
  );
  return { ...config, origins, enabled };
}

test('an identity that is deleted is named by nothing that an edge may still serve', () => {
  let deleted = 0;
  fc.assert(
    fc.property(fc.array(command, { maxLength: 80, size: 'max' }), (commands) => {
      const play = new Play();
      const { catalog } = play.deciding;
      for (const one of commands) {
        const before = [...catalog.identities.all()].map(({ document }) => document.id);
        const { served } = play.deciding;
        play.perform(one);
        for (const id of before.filter((known) => catalog.identities.get(known) === undefined)) {
          if ([...play.named.values()].some((named) => named.has(id))) deleted += 1;
          for (const [position, named] of play.named) {
            const mayBeServed = position >= served;
            assert(!(mayBeServed && named.has(id)), `${id} is named at ${position} of ${served}`);
          }
        }
        for (const { document } of catalog.distributions.all()) {
          for (const id of identitiesOf(document.config)) {
            assert(catalog.findIdentity(account, id) !== undefined, `${id} is named, but gone`);
          }
        }
      }
    }),
    { numRuns: 300, seed: 2010 },
  );
  assert(deleted > 50, `only ${deleted} that had been named were deleted, which proves little`);
});
