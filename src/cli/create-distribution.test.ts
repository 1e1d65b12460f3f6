import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runLine } from '../../test/harness/cli-world.ts';
import { answerOf, fakeDistribution } from '../../test/harness/fake-answers.ts';
import { fakeApi } from '../../test/harness/fake-api.ts';

const answer = answerOf('CreateDistribution', { Distribution: fakeDistribution(), ETag: 'E9' });

test('options become the document of the API', async (t) => {
  const api = await fakeApi(t, () => answer);
  const cases: readonly [readonly string[], RegExp][] = [
    [
      ['--s3-origin', 'pics'],
      /<DomainName>pics\.s3\.amazonaws\.com<\/DomainName><S3OriginConfig><OriginAccessIdentity\/>/,
    ],
    [
      ['--s3-origin', 'pics.s3.eu-west-1.amazonaws.com'],
      /<DomainName>pics\.s3\.eu-west-1\.amazonaws\.com<\/DomainName>/,
    ],
    [
      ['--origin', 'localhost', '--http-port', '3000'],
      /<HTTPPort>3000<\/HTTPPort><HTTPSPort>443<\/HTTPSPort><OriginProtocolPolicy>http-only</,
    ],
    [
      ['--origin', 'h', '--origin-protocol', 'https-only', '--https-only'],
      /<OriginProtocolPolicy>https-only<.*<ViewerProtocolPolicy>https-only</,
    ],
    [['--s3-origin', 'p', '--disabled'], /<Enabled>false<\/Enabled>/],
    [
      ['--s3-origin', 'p', '--logging-bucket', 'logs', '--logging-prefix', 'a/'],
      /<Logging><Enabled>true<\/Enabled><IncludeCookies>false<\/IncludeCookies><Bucket>logs\.s3\.amazonaws\.com<\/Bucket><Prefix>a\/<\/Prefix><\/Logging>/,
    ],
    [['--s3-origin', 'p', '--caller-reference', 'ref'], /<CallerReference>ref<\/CallerReference>/],
    [['--s3-origin', 'p'], /<CallerReference>warmfront-[0-9a-f-]{36}<\/CallerReference>/],
  ];
  for (const [options, document] of cases) {
    const { code, out } = await runLine(api.url, ['distribution', 'create', ...options, '--json']);
    assert.equal(code, 0);
    assert.partialDeepStrictEqual(JSON.parse(out), { id: 'E1', etag: 'E9', domainName: 'd1.x' });
    assert.match(api.asked.at(-1)?.body ?? '', document);
    assert.equal(api.asked.at(-1)?.path, '/2020-05-31/distribution');
  }
});

test('what cannot be meant is wrong usage, and nothing is sent', async (t) => {
  const api = await fakeApi(t, () => ({ status: 500 }));
  const cases: readonly [readonly string[], RegExp][] = [
    [['distribution', 'create'], /An origin is missing/],
    [['distribution', 'create', '--s3-origin', 'a', '--origin', 'b'], /two origins/],
    [
      ['distribution', 'create', '--s3-origin', 'a', '--http-port', '80'],
      /--http-port needs --origin/,
    ],
    [
      ['distribution', 'create', '--s3-origin', 'a', '--logging-prefix', 'p'],
      /--logging-prefix needs --logging-bucket/,
    ],
    [['distribution', 'create', '--s3-origin', 'a', '--comment', 'a\u0007'], /XML cannot carry/],
    [['distribution', 'create', '--s3-origin', 'a', '--timeout', 'x'], /no duration/],
    [['distribution', 'create', '--origin', 'a', '--http-port', 'x'], /"x" is no port/],
    [
      ['distribution', 'create', '--origin', 'a', '--origin-protocol', 'ftp'],
      /none of http-only, /,
    ],
    [['streaming-distribution', 'create', '--origin', 'b'], /no option --origin/],
    [['streaming-distribution', 'create'], /An origin is missing: --s3-origin BUCKET\./],
  ];
  for (const [line, fault] of cases) {
    const { code, err } = await runLine(api.url, line);
    assert.equal(code, 2, line.join(' '));
    assert.match(err, fault);
  }
  assert.equal(api.asked.length, 0);
});
