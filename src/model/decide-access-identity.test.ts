/** Origin access identities: replay, what may change, and when one is in use. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { configOf } from '../../test/harness/configs.ts';
import { account, Deciding, otherAccount } from '../../test/harness/deciding.ts';
import type { AccessIdentity, AccessIdentityConfig } from './access-identity.ts';
import type { Catalog } from './catalog.ts';
import {
  decideCreateIdentity,
  decideDeleteIdentity,
  decideReplaceIdentity,
} from './decide-access-identity.ts';
import { decideCreate, decideDelete, decideReplace } from './decide-distribution.ts';
import type { Facts } from './decision.ts';
import { plainOrigin } from './plain-config.ts';
import type { DistributionConfig, DistributionKind, Origin } from './distribution.ts';
import type { AccountId } from './ids.ts';
import { Refusal } from './refusal.ts';

function createOf(config: Partial<AccessIdentityConfig> = {}, by: AccountId = account) {
  const readConfig = () => ({ callerReference: 'ref', comment: '', ...config });
  return (catalog: Catalog, facts: Facts) =>
    decideCreateIdentity(catalog, { account: by, readConfig }, facts);
}

function replaceOf(identity: AccessIdentity, config: Partial<AccessIdentityConfig>) {
  const { etag: ifMatch, id } = identity;
  const readConfig = () => ({ ...identity.config, ...config });
  return (catalog: Catalog, facts: Facts) =>
    decideReplaceIdentity(catalog, { account, id, ifMatch, readConfig }, facts);
}

function deleteOf({ etag, id }: AccessIdentity, ifMatch: string | undefined = etag) {
  return (catalog: Catalog, facts: Facts) =>
    decideDeleteIdentity(catalog, { account, id, ifMatch }, facts);
}

function stored(play: Deciding, id: string): AccessIdentity {
  const placed = play.catalog.identities.get(id);
  assert(placed !== undefined, 'it is there');
  return placed.document;
}

function created(play: Deciding, config: Partial<AccessIdentityConfig> = {}): AccessIdentity {
  return stored(play, play.does(createOf(config)).id);
}

function naming(...identities: readonly (string | undefined)[]): Partial<DistributionConfig> {
  const origins = identities.map(
    (accessIdentity, index): Origin => ({
      ...plainOrigin,
      kind: 's3',
      id: index === 0 ? 'default' : `origin-${index}`,
      domainName: 'pics.s3.amazonaws.com',
      accessIdentity,
    }),
  );
  return { origins };
}

/** A distribution, and the ways to change it. */
function distributionIn(
  play: Deciding,
  kind: DistributionKind,
  config: Partial<DistributionConfig>,
) {
  const readConfig = () => configOf(kind, 'distribution', config);
  const { id } = play.does((catalog, facts) =>
    decideCreate(catalog, { account, kind, readConfig }, facts),
  );
  const target = () => {
    const placed = play.catalog.distributions.get(id);
    return { account, kind, id, ifMatch: placed?.document.etag };
  };
  return {
    replace(changed: Partial<DistributionConfig>): void {
      const read = () => configOf(kind, 'distribution', changed);
      play.does((catalog, facts) =>
        decideReplace(catalog, { ...target(), readConfig: read }, facts),
      );
    },
    remove(): void {
      play.does((catalog, facts) => decideDelete(catalog, target(), facts));
    },
  };
}

function noBody(): never {
  throw new Refusal('MissingBody');
}

suite('creating an identity', () => {
  test('it gets an id, an ETag and a canonical user id, each of its own', () => {
    const play = new Deciding();
    const one = created(play, { callerReference: 'one' });
    const two = created(play, { callerReference: 'two' });
    assert.match(one.id, /^E[0-9A-Z]{13}$/);
    assert.match(one.canonicalUserId, /^[0-9a-f]{96}$/);
    const values = [one, two].flatMap((each) => [each.id, each.etag, each.canonicalUserId]);
    assert.equal(new Set(values).size, 6);
  });

  test('a repeat is answered with the first one, also after an update', () => {
    const play = new Deciding();
    const first = created(play, { comment: 'pictures' });
    const repeat = { outcome: 'repeat', id: first.id };
    assert.deepEqual(play.changesNothing(createOf({ comment: 'pictures' })), repeat);
    play.does(replaceOf(first, { comment: 'films' }));
    assert.deepEqual(play.changesNothing(createOf({ comment: 'pictures' })), repeat);
    play.refuses('CloudFrontOriginAccessIdentityAlreadyExists', createOf({ comment: 'films' }));
  });

  test('a reference belongs to its account, and is free again after the delete', () => {
    const play = new Deciding();
    const first = created(play);
    assert.equal(play.does(createOf({}, otherAccount)).outcome, 'new');
    play.does(deleteOf(first));
    const again = play.does(createOf({ comment: 'another' }));
    assert.equal(again.outcome, 'new');
    assert.notEqual(again.id, first.id);
  });

  test('the limit of an account comes after the repeat and the reference', () => {
    const play = new Deciding({ 'access-identities': 2 });
    created(play, { callerReference: 'one' });
    const two = created(play, { callerReference: 'two' });
    const tooMany = 'TooManyCloudFrontOriginAccessIdentities';
    play.refuses(tooMany, createOf({ callerReference: 'three' }));
    play.changesNothing(createOf({ callerReference: 'one' }));
    const used = createOf({ callerReference: 'one', comment: 'x' });
    play.refuses('CloudFrontOriginAccessIdentityAlreadyExists', used);
    play.does(createOf({}, otherAccount));
    play.does(deleteOf(two));
    play.does(createOf({ callerReference: 'three' }));
  });

  test('reference and comment keep to their bounds', () => {
    const play = new Deciding();
    play.refuses('InvalidArgument', createOf({ callerReference: '' }), /CallerReference/);
    const long = createOf({ callerReference: 'ü'.repeat(64) });
    play.refuses('InvalidArgument', long, /128 bytes/);
    play.refuses('InvalidArgument', createOf({ comment: '😀'.repeat(129) }), /129 characters/);
    play.does(createOf({ callerReference: 'r'.repeat(127), comment: '😀'.repeat(128) }));
  });
});

suite('replacing the configuration of an identity', () => {
  test('only the comment can change, and the ETag is a new one each time', () => {
    const play = new Deciding();
    const first = created(play, { comment: 'pictures' });
    play.does(replaceOf(first, { comment: 'pictures' }));
    const second = stored(play, first.id);
    assert.notEqual(second.etag, first.etag, 'a new ETag even without a change');
    play.refuses('PreconditionFailed', replaceOf(first, { comment: 'films' }));
    play.refuses('IllegalUpdate', replaceOf(second, { callerReference: 'another' }));
    play.does(replaceOf(second, { comment: '' }));
    const { canonicalUserId, config } = stored(play, first.id);
    assert.equal(canonicalUserId, first.canonicalUserId);
    assert.equal(config.comment, '');
  });

  test('its body is not read before the checks that come first have passed', () => {
    const play = new Deciding();
    const { id } = created(play);
    const replace =
      (target: { id?: string; ifMatch?: string | undefined; by?: AccountId }) =>
      (catalog: Catalog, facts: Facts) => {
        const command = {
          account: target.by ?? account,
          id: target.id ?? id,
          ifMatch: target.ifMatch,
          readConfig: noBody,
        };
        return decideReplaceIdentity(catalog, command, facts);
      };
    const etag = stored(play, id).etag;
    play.refuses('NoSuchCloudFrontOriginAccessIdentity', replace({ id: 'E0000000000000' }));
    const foreign = replace({ by: otherAccount, ifMatch: etag });
    play.refuses('NoSuchCloudFrontOriginAccessIdentity', foreign);
    for (const ifMatch of [undefined, '', ' ', '*', 'E1, E2', 'W/"E1"']) {
      play.refuses('InvalidIfMatchVersion', replace({ ifMatch }));
    }
    play.refuses('PreconditionFailed', replace({ ifMatch: 'E0000000000000' }));
    play.refuses('MissingBody', replace({ ifMatch: etag }));
    play.refuses('MissingBody', replace({ ifMatch: `"${etag}"` }));
  });
});

suite('deleting an identity', () => {
  const inUse = 'CloudFrontOriginAccessIdentityInUse';

  test('one that was never named goes at once, whatever the edges have taken', () => {
    const play = new Deciding();
    const identity = created(play);
    play.does(replaceOf(identity, { comment: 'x' }));
    play.refuses('PreconditionFailed', deleteOf(identity));
    const { etag, id } = stored(play, identity.id);
    play.does(deleteOf({ ...identity, etag }));
    assert.equal(play.catalog.identities.get(id), undefined);
  });

  for (const kind of ['download', 'streaming'] as const) {
    test(`it is in use while a ${kind} distribution names it, enabled or not`, () => {
      const play = new Deciding();
      const identity = created(play);
      const distribution = distributionIn(play, kind, naming(identity.id));
      play.edgesCatchUp();
      play.refuses(inUse, deleteOf(identity), /names it/);
      distribution.replace({ ...naming(identity.id), enabled: false });
      play.edgesCatchUp();
      play.refuses(inUse, deleteOf(identity), /names it/);
    });

    test(`it is in use until every edge has heard that a ${kind} distribution let go`, () => {
      const play = new Deciding();
      const identity = created(play);
      const distribution = distributionIn(play, kind, naming(identity.id));
      play.edgesCatchUp();
      distribution.replace(naming(undefined));
      play.refuses(inUse, deleteOf(identity), /let go of it/);
      assert.equal(stored(play, identity.id).etag, identity.etag, 'its ETag stays');
      play.edgesCatchUp();
      play.does(deleteOf(identity));
    });

    test(`it is in use until every edge has heard that its ${kind} distribution is gone`, () => {
      const play = new Deciding();
      const identity = created(play);
      const naming1 = { ...naming(identity.id), enabled: false };
      const distribution = distributionIn(play, kind, naming1);
      play.edgesCatchUp();
      distribution.remove();
      play.refuses(inUse, deleteOf(identity), /let go of it/);
      play.edgesCatchUp();
      play.does(deleteOf(identity));
    });
  }

  test('what came after it was let go does not hold it back', () => {
    const play = new Deciding();
    const identity = created(play);
    const distribution = distributionIn(play, 'download', naming(identity.id));
    distribution.replace(naming(undefined));
    play.edgesCatchUp();
    distribution.replace({ ...naming(undefined), comment: 'not everywhere yet' });
    play.does(deleteOf(identity));
  });

  test('one that is named again is in use, though every edge has heard that it was let go', () => {
    const play = new Deciding();
    const identity = created(play);
    const distribution = distributionIn(play, 'download', naming(identity.id));
    distribution.replace(naming(undefined));
    play.edgesCatchUp();
    distribution.replace(naming(identity.id));
    play.refuses(inUse, deleteOf(identity), /names it/);
  });

  test('an update of its comment does not forget that it was let go', () => {
    const play = new Deciding();
    const identity = created(play);
    const distribution = distributionIn(play, 'download', naming(identity.id));
    play.edgesCatchUp();
    distribution.replace(naming(undefined));
    play.does(replaceOf(identity, { comment: 'free soon' }));
    play.refuses(inUse, deleteOf(stored(play, identity.id)), /let go of it/);
    play.edgesCatchUp();
    play.does(deleteOf(stored(play, identity.id)));
  });

  test('a swap lets go of one identity and keeps the other', () => {
    const play = new Deciding();
    const one = created(play, { callerReference: 'one' });
    const two = created(play, { callerReference: 'two' });
    const distribution = distributionIn(play, 'download', naming(one.id));
    distribution.replace(naming(two.id));
    assert.equal(stored(play, one.id).wasDetached, true);
    assert.equal(stored(play, two.id).wasDetached, false);
    play.edgesCatchUp();
    play.does(deleteOf(one));
    play.refuses(inUse, deleteOf(two), /names it/);
  });

  test('ETag and existence are checked before use', () => {
    const play = new Deciding();
    const identity = created(play);
    distributionIn(play, 'download', naming(identity.id));
    play.refuses('PreconditionFailed', deleteOf(identity, 'E0000000000000'));
    const noSuch = 'NoSuchCloudFrontOriginAccessIdentity';
    play.refuses(noSuch, (catalog, facts) =>
      decideDeleteIdentity(
        catalog,
        { account: otherAccount, id: identity.id, ifMatch: identity.etag },
        facts,
      ),
    );
  });
});

suite('naming an identity', () => {
  test('it has to be there, and be of the same account', () => {
    const play = new Deciding();
    const foreign = play.does(createOf({}, otherAccount));
    for (const id of [foreign.id, 'E0000000000000']) {
      const readConfig = () => configOf('download', 'distribution', naming(id));
      play.refuses(
        'InvalidOriginAccessIdentity',
        (catalog, facts) => decideCreate(catalog, { account, kind: 'download', readConfig }, facts),
        /no identity/,
      );
    }
  });
});
