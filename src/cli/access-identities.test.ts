/** The commands of origin access identities: what is sent, and what is said of it. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { runLine } from '../../test/harness/cli-world.ts';
import { answerOf, fakeDistribution } from '../../test/harness/fake-answers.ts';
import { fakeApi, type Given, refusal } from '../../test/harness/fake-api.ts';
import { counted } from '../wire/counted.ts';
import type { CloudFrontOriginAccessIdentitySummary } from '../wire/shapes.generated.ts';

const collection = '/2020-05-31/origin-access-identity/cloudfront';
const user = 'ab'.repeat(48);

function identity(comment = 'pictures', etag = 'E9'): Given {
  return answerOf('GetCloudFrontOriginAccessIdentity', {
    ETag: etag,
    CloudFrontOriginAccessIdentity: {
      Id: 'E1',
      S3CanonicalUserId: user,
      CloudFrontOriginAccessIdentityConfig: { CallerReference: 'r & s', Comment: comment },
    },
  });
}

function identities(...items: readonly CloudFrontOriginAccessIdentitySummary[]): Given {
  return answerOf('ListCloudFrontOriginAccessIdentities', {
    CloudFrontOriginAccessIdentityList: {
      Marker: '',
      MaxItems: 100,
      IsTruncated: false,
      ...counted(items),
    },
  });
}

suite('origin access identities', () => {
  test('create sends a comment and a reference, and shows what a bucket has to know', async (t) => {
    const api = await fakeApi(t, () => identity());
    const words = ['origin-access-identity', 'create'];
    const { code, out } = await runLine(api.url, [...words, '--comment', 'a & b']);
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^id +E1\\ncanonical user +${user}\\netag +E9\\n`));
    assert.match(
      api.asked[0]?.body ?? '',
      /<CloudFrontOriginAccessIdentityConfig xmlns="[^"]*"><CallerReference>warmfront-[0-9a-f-]{36}<\/CallerReference><Comment>a &amp; b<\/Comment></,
    );
    await runLine(api.url, [...words, '--caller-reference', 'mine']);
    assert.match(
      api.asked[1]?.body ?? '',
      /<CallerReference>mine<\/CallerReference><Comment\/><\/CloudF/,
    );
    assert.deepEqual(
      api.asked.map(({ method, path }) => `${method} ${path}`),
      Array<string>(2).fill(`POST ${collection}`),
    );
  });

  test('show and list tell the same as JSON', async (t) => {
    const item = { Id: 'E1', S3CanonicalUserId: user, Comment: 'pictures' };
    const api = await fakeApi(t, ({ path }) =>
      path === collection ? identities(item) : identity(),
    );
    const shown = await runLine(api.url, ['origin-access-identity', 'show', 'E1', '--json']);
    const facts = { id: 'E1', canonicalUserId: user, comment: 'pictures' };
    assert.deepEqual(JSON.parse(shown.out), { ...facts, callerReference: 'r & s', etag: 'E9' });
    const listed = await runLine(api.url, ['origin-access-identity', 'list', '--json']);
    assert.deepEqual(JSON.parse(listed.out), [facts]);
    const table = await runLine(api.url, ['origin-access-identity', 'list']);
    assert.match(table.out, /^ID +COMMENT +CANONICAL USER\nE1 +pictures +ab/);
  });

  test('an empty list is said in words', async (t) => {
    const api = await fakeApi(t, () => identities());
    const { code, out } = await runLine(api.url, ['origin-access-identity', 'list']);
    assert.deepEqual([code, out], [0, 'There is no origin access identity yet.\n']);
  });

  test('update keeps the reference and names the ETag that it read', async (t) => {
    const api = await fakeApi(t, ({ method }) =>
      method === 'GET' ? identity() : identity('films', 'E10'),
    );
    const line = ['origin-access-identity', 'update', 'E1', '--comment', 'films'];
    const { code, out } = await runLine(api.url, line);
    assert.equal(code, 0);
    assert.match(out, /etag +E10\ncomment +films/);
    const put = api.asked[1];
    assert.equal(put?.path, `${collection}/E1/config`);
    assert.equal(put?.headers['if-match'], 'E9');
    assert.match(put?.body ?? '', /<CallerReference>r &amp; s<\/CallerReference><Comment>films</);
    await runLine(api.url, ['origin-access-identity', 'update', 'E1', '--comment', '']);
    assert.match(api.asked[3]?.body ?? '', /<Comment\/>/);
  });

  test('delete names the ETag that it read, and passes on why it is refused', async (t) => {
    let inUse = false;
    const api = await fakeApi(t, ({ method }) => {
      if (method === 'GET') return identity();
      return inUse
        ? refusal(409, 'CloudFrontOriginAccessIdentityInUse', 'It is in use.')
        : { status: 204 };
    });
    const line = ['origin-access-identity', 'delete', 'E1'];
    const done = await runLine(api.url, line);
    assert.deepEqual([done.code, done.out], [0, 'E1 is deleted\n']);
    assert.equal(api.asked[1]?.method, 'DELETE');
    assert.equal(api.asked[1]?.headers['if-match'], 'E9');
    inUse = true;
    const refused = await runLine(api.url, [...line, '--json']);
    assert.equal(refused.code, 1);
    assert.equal(JSON.parse(refused.out).error.code, 'CloudFrontOriginAccessIdentityInUse');
  });

  test('wrong usage sends nothing', async (t) => {
    const api = await fakeApi(t, () => ({ status: 500 }));
    const cases: readonly [readonly string[], RegExp][] = [
      [['update', 'E1'], /--comment TEXT is missing/],
      [['update', 'E1', '--comment', '\u0007'], /XML cannot carry/],
      [['create', '--comment', '\u0007'], /XML cannot carry/],
      [['create', '--caller-reference', '\u{ffff}'], /XML cannot carry/],
      [['show'], /ID is missing/],
    ];
    for (const [line, fault] of cases) {
      const { code, err } = await runLine(api.url, ['origin-access-identity', ...line]);
      assert.equal(code, 2, line.join(' '));
      assert.match(err, fault);
    }
    assert.equal(api.asked.length, 0);
  });

  test('a distribution is created with one by its id', async (t) => {
    const api = await fakeApi(t, () =>
      answerOf('CreateDistribution', { Distribution: fakeDistribution(), ETag: 'E9' }),
    );
    const line = ['distribution', 'create', '--s3-origin', 'pics', '--access-identity', 'E7'];
    assert.equal((await runLine(api.url, line)).code, 0);
    assert.match(
      api.asked[0]?.body ?? '',
      /<OriginAccessIdentity>origin-access-identity\/cloudfront\/E7<\/OriginAccessIdentity><\/S3OriginConfig>/,
    );
    const alone = ['distribution', 'create', '--origin', 'x', '--access-identity', 'E7'];
    const { code, err } = await runLine(api.url, alone);
    assert.equal(code, 2);
    assert.match(err, /--access-identity needs --s3-origin/);
  });
});
