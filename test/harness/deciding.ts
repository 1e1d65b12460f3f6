/**
 * Decisions on a catalog of their own: each is made with facts that the test sets, and folded as the
 * log would have it, so that what follows is decided on what came before.
 */
import assert from 'node:assert/strict';
import { instant } from '../../src/base/clock.ts';
import { type Revision, revision, writeId } from '../../src/base/log-record.ts';
import { Catalog } from '../../src/model/catalog.ts';
import type { Decision, Facts } from '../../src/model/decision.ts';
import { type AccountId, accountId, createMint } from '../../src/model/ids.ts';
import { createLimits, type Limits } from '../../src/model/limits.ts';
import { Refusal, type RefusalCode } from '../../src/model/refusal.ts';
import { SeededRandomness } from './seeded-randomness.ts';

export const account = accountId('111111111111');
export const otherAccount = accountId('222222222222');

export class Deciding {
  readonly catalog = new Catalog();
  readonly #accounts: ReadonlySet<AccountId> = new Set([account, otherAccount]);
  readonly #random = new SeededRandomness(3);
  readonly #mint = createMint(this.#random);
  readonly #limits: Limits;
  /** Milliseconds since 1970. */
  now = 1_000;
  /** The operation that is asked for. */
  call = '';
  /** Every live edge has taken what stands up to here. */
  served: Revision = revision(0);

  constructor(limits: Partial<Limits> = {}) {
    this.#limits = createLimits(limits);
  }

  get facts(): Facts {
    return {
      now: instant(this.now),
      call: this.call,
      mint: this.#mint,
      limits: this.#limits,
      domain: 'cloudfront.localhost',
      accounts: this.#accounts,
      deployed: (_, change) => change <= this.served,
    };
  }

  /** Every live edge has taken all there is. */
  edgesCatchUp(): void {
    this.served = this.catalog.revision;
  }

  /** Makes the decision, folds what it changes and gives its answer. */
  does<Answer>(decide: (catalog: Catalog, facts: Facts) => Decision<Answer>): Answer {
    const { answer, changes } = decide(this.catalog, this.facts);
    if (changes.length === 0) return answer;
    this.catalog.apply({
      revision: revision(this.catalog.revision + 1),
      writeId: writeId(this.#random.bytes(16)),
      changes,
    });
    return answer;
  }

  /** The same where nothing may change: a repeat, or what is so already. */
  changesNothing<Answer>(decide: (catalog: Catalog, facts: Facts) => Decision<Answer>): Answer {
    const before = this.catalog.revision;
    const answer = this.does(decide);
    assert.equal(this.catalog.revision, before, 'nothing is appended');
    return answer;
  }

  refuses(
    code: RefusalCode,
    decide: (catalog: Catalog, facts: Facts) => Decision<unknown>,
    message = /./,
  ): void {
    assert.throws(
      () => decide(this.catalog, this.facts),
      (error) => {
        assert(error instanceof Refusal, String(error));
        assert.equal(error.code, code, error.message);
        assert.match(error.message, message);
        return true;
      },
    );
  }
}
