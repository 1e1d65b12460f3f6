/**
 * Acceptance list of API 2010-11-01 (section 6) for origin access identities: points 5, 6, 8 (in use
 * until the removal is everywhere), 9 and 10. An edge is held where that has to last.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import {
  type ApiCaller,
  allTexts,
  assertRefused,
  assertStatus,
  documentOf,
  etagOf,
  find,
  type Reply,
  textAt,
} from '../harness/api-caller.ts';
import {
  createIdentity,
  type CreatedIdentity,
  identitiesPath,
  identityXml,
  namedIdentity,
  whileHeld,
} from '../harness/content.ts';
import {
  bothKinds,
  configXml,
  create,
  download,
  namespace,
  s3Origin,
  streaming,
  untilDeployed,
} from '../harness/kinds.ts';
import { until } from '../harness/until.ts';
import { AcceptanceWorld, other } from './world.ts';

const summary = 'CloudFrontOriginAccessIdentitySummary';
const noSuch = 'NoSuchCloudFrontOriginAccessIdentity';
const inUse = 'CloudFrontOriginAccessIdentityInUse';
const exists = 'CloudFrontOriginAccessIdentityAlreadyExists';

suite('acceptance: origin access identities', () => {
  let world: AcceptanceWorld;
  let api: ApiCaller;

  before(async () => {
    world = await AcceptanceWorld.start();
    api = world.api;
  });

  after(() => world.stop());

  /** Deletes it once that is not refused any more. */
  function untilDeleted({ etag, path }: CreatedIdentity): Promise<Reply> {
    let last = '';
    return until(
      `${path} is deleted`,
      async () => {
        const reply = await api.delete(path, etag);
        last = reply.body;
        if (reply.status === 409) return undefined;
        assertStatus(reply, 204);
        return reply;
      },
      { seen: () => last },
    );
  }

  test('acceptance 4: root, namespace and children are those of the documentation', async () => {
    const { id, path, reply } = await createIdentity(api, 'form', 'Grüße &amp; mehr');
    const user = textAt(reply, 'S3CanonicalUserId');
    assert.match(user, /^[0-9a-f]{96}$/);
    const config =
      '<CallerReference>form</CallerReference><Comment>Grüße &amp; mehr</Comment></CloudFrontOriginAccessIdentityConfig>';
    const whole =
      `<?xml version="1.0"?>\n<CloudFrontOriginAccessIdentity xmlns="${namespace}"><Id>${id}</Id>` +
      `<S3CanonicalUserId>${user}</S3CanonicalUserId><CloudFrontOriginAccessIdentityConfig>${config}</CloudFrontOriginAccessIdentity>`;
    assert.equal(reply.body, whole);
    assert.equal((await api.get(path)).body, whole);
    assert.equal(
      (await api.get(`${path}/config`)).body,
      `<?xml version="1.0"?>\n<CloudFrontOriginAccessIdentityConfig xmlns="${namespace}">${config}`,
    );
    const location = String(reply.headers['location']);
    assert.equal(new URL(location).pathname, path);
    for (const spelled of ['CloudFront', 'CLOUDFRONT']) {
      assertStatus(await api.get(path.replace('cloudfront', spelled)), 200);
    }
    assertStatus(await api.get(path.replace('/2010-11-01/', '/2010-11-01//')), 200);
  });

  test('acceptance 5: the ETag is equal on info and config, and new after PUT', async () => {
    const { etag, path } = await createIdentity(api, 'etag');
    assert.match(etag, /^E[0-9A-Z]{12,13}$/);
    for (const at of [path, `${path}/config`]) assert.equal(etagOf(await api.get(at)), etag);
    const body = identityXml('etag', 'new');
    const put = await api.put(`${path}/config`, etag, body);
    assertStatus(put, 200);
    assert.notEqual(etagOf(put), etag);
    assert.equal(textAt(put, 'CloudFrontOriginAccessIdentityConfig/Comment'), 'new');
    for (const ifMatch of [undefined, '', '*', `${etag}, ${etagOf(put)}`]) {
      const refused = await api.put(`${path}/config`, ifMatch, body);
      assertRefused(refused, 400, 'InvalidIfMatchVersion');
    }
    assertRefused(await api.put(`${path}/config`, etag, body), 412, 'PreconditionFailed');
    const foreign = identityXml('another reference', 'new');
    assertRefused(await api.put(`${path}/config`, etagOf(put), foreign), 400, 'IllegalUpdate');
    assert.equal(etagOf(await api.get(path)), etagOf(put), 'a refusal changes nothing');
  });

  test('acceptance 6: a replay of a create gives the same id, also after a PUT', async () => {
    const first = await createIdentity(api, 'replay', 'pictures');
    const again = await createIdentity(api, 'replay', 'pictures');
    assert.deepEqual([again.id, again.etag], [first.id, first.etag]);
    assertRefused(await api.post(identitiesPath, identityXml('replay', 'films')), 409, exists);
    const films = identityXml('replay', 'films');
    const put = await api.put(`${first.path}/config`, first.etag, films);
    const third = await createIdentity(api, 'replay', 'pictures');
    assert.deepEqual([third.id, third.etag], [first.id, etagOf(put)], 'as it stands now');
    assert.equal(textAt(third.reply, 'CloudFrontOriginAccessIdentityConfig/Comment'), 'films');
    const foreign = await createIdentity(world.as(other), 'replay', 'films');
    assert.notEqual(foreign.id, first.id);
    await create(api, download, { reference: 'replay' });
    assertStatus(await api.delete(first.path, etagOf(put)), 204);
    assert.notEqual((await createIdentity(api, 'replay', 'films')).id, first.id, 'free again');
  });

  for (const words of bothKinds) {
    test(`acceptance 8: an identity is in use while a ${words.kind} distribution names it`, async () => {
      const identity = await createIdentity(api, `named by ${words.kind}`);
      const said = {
        reference: `names it as ${words.kind}`,
        origin: s3Origin('pics', namedIdentity(identity.id)),
      };
      const { etag, path } = await create(api, words, said);
      await untilDeployed(api, path);
      assertRefused(await api.delete(identity.path, identity.etag), 409, inUse);
      const off = configXml(words, { ...said, enabled: false });
      const disabled = await api.put(`${path}/config`, etag, off);
      await untilDeployed(api, path);
      assertRefused(await api.delete(identity.path, identity.etag), 409, inUse);

      // Detached, but not everywhere: one edge still signs requests as it.
      await whileHeld(api, 'b', async () => {
        const without = configXml(words, { reference: said.reference, enabled: false });
        assertStatus(await api.put(`${path}/config`, etagOf(disabled), without), 200);
        assertRefused(await api.delete(identity.path, identity.etag), 409, inUse);
        assertStatus(await api.get(identity.path), 200);
      });
      await untilDeployed(api, path);
      assertStatus(await untilDeleted(identity), 204);
      assertRefused(await api.get(identity.path), 404, noSuch);
      assertRefused(await api.delete(identity.path, identity.etag), 404, noSuch);
      const back = await api.put(`${path}/config`, etagOf(await api.get(path)), off);
      assertRefused(back, 400, 'InvalidOriginAccessIdentity');
    });
  }

  test('acceptance 8: the last of several distributions counts, of whichever kind', async () => {
    const identity = await createIdentity(api, 'shared');
    const origin = s3Origin('pics', namedIdentity(identity.id));
    const one = await create(api, download, { reference: 'shares', origin });
    const two = await create(api, streaming, { reference: 'shares', origin, enabled: false });
    await untilDeployed(api, two.path);
    const without = configXml(download, { reference: 'shares' });
    assertStatus(await api.put(`${one.path}/config`, one.etag, without), 200);
    await untilDeployed(api, one.path);
    assertRefused(await api.delete(identity.path, identity.etag), 409, inUse);
    await whileHeld(api, 'a', async () => {
      assertStatus(await api.delete(two.path, two.etag), 204);
      assertRefused(await api.delete(identity.path, identity.etag), 409, inUse);
    });
    await untilDeleted(identity);
  });

  test('acceptance 8: the wrong turns of a delete', async () => {
    const { etag, path } = await createIdentity(api, 'wrong turns');
    assertRefused(await api.delete(path), 400, 'InvalidIfMatchVersion');
    assertRefused(await api.delete(path, 'E0000000000000'), 412, 'PreconditionFailed');
    const unknown = `${identitiesPath}/E0000000000000`;
    assertRefused(await api.delete(unknown), 404, noSuch);
    assertRefused(await world.as(other).delete(path, etag), 404, noSuch);
    const gone = await api.delete(path, `"${etag}"`);
    assertStatus(gone, 204);
    assert.deepEqual([gone.body, gone.headers.etag], ['', undefined]);
  });

  test('acceptance 9: pages of identities', async () => {
    const stranger = world.as(other);
    const standing = allTexts(await stranger.get(identitiesPath), summary, 'Id');
    const made: string[] = [...standing];
    for (const reference of ['page 1', 'page 2', 'page 3']) {
      made.push((await createIdentity(stranger, reference, reference)).id);
    }
    const walked: string[] = [];
    for (let marker = ''; ; ) {
      const reply = await stranger.get(`${identitiesPath}?MaxItems=1&Marker=${marker}`);
      assertStatus(reply, 200);
      assert.equal(reply.headers.etag, undefined);
      walked.push(...allTexts(reply, summary, 'Id'));
      const root = documentOf(reply);
      assert.equal(textAt(reply, 'Marker'), marker);
      const next = find(root, 'NextMarker')?.text;
      assert.equal(textAt(reply, 'IsTruncated'), String(next !== undefined));
      if (next === undefined) break;
      marker = next;
    }
    assert.deepEqual(walked, made);
    const clamped = await stranger.get(`${identitiesPath}?MaxItems=1000`);
    assert.equal(textAt(clamped, 'MaxItems'), '100');
    assert.deepEqual(allTexts(clamped, summary, 'Comment').slice(-3), [
      'page 1',
      'page 2',
      'page 3',
    ]);
    for (const query of ['MaxItems=0', 'MaxItems=x', 'Marker=E0000000000000']) {
      assertRefused(await stranger.get(`${identitiesPath}?${query}`), 400, 'InvalidArgument');
    }
  });

  test('acceptance 10: the lengths of comment and reference', async () => {
    const { etag, path } = await createIdentity(api, 'r'.repeat(127), '😀'.repeat(128));
    const long = identityXml('r'.repeat(127), '😀'.repeat(129));
    assertRefused(await api.put(`${path}/config`, etag, long), 400, 'InvalidArgument');
    for (const [reference, comment] of [
      ['long comment', 'c'.repeat(129)],
      ['r'.repeat(128), ''],
      ['ü'.repeat(64), ''],
      ['', ''],
    ] as const) {
      const reply = await api.post(identitiesPath, identityXml(reference, comment));
      assertRefused(reply, 400, 'InvalidArgument');
    }
  });

  test('acceptance 10: the 101st identity is one too many, in each account', async () => {
    let total = allTexts(await api.get(identitiesPath), summary, 'Id').length;
    const first = await createIdentity(api, 'hundred 0');
    total += 1;
    for (; total < 100; total += 1) await createIdentity(api, `hundred ${total}`);
    const list = await api.get(identitiesPath);
    assert.equal(allTexts(list, summary, 'Id').length, 100);
    assert.equal(textAt(list, 'IsTruncated'), 'false');
    const more = identityXml('one too many');
    const tooMany = 'TooManyCloudFrontOriginAccessIdentities';
    assertRefused(await api.post(identitiesPath, more), 400, tooMany);
    assert.equal((await createIdentity(api, 'hundred 0')).id, first.id, 'a replay is no new one');
    await createIdentity(world.as(other), 'one too many');
    assertStatus(await api.delete(first.path, first.etag), 204);
    assertStatus(await api.post(identitiesPath, more), 201);
    const again = identityXml('again too many');
    assertRefused(await api.post(identitiesPath, again), 400, tooMany);
  });
});
