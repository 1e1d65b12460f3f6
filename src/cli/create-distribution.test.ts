import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runLine } from '../../test/harness/cli-world.ts';
import { fakeApi } from '../../test/harness/fake-api.ts';

const answer =
  '<Distribution><Id>E1</Id><Status>InProgress</Status><DomainName>d1.x</DomainName></Distribution>';

test('options become the document of the API', async (t) => {
  const api = await fakeApi(t, () => ({ status: 201, headers: { etag: 'E9' }, body: answer }));
  const cases: readonly [readonly string[], RegExp][] = [
    [['--s3-origin', 'pics'], /<S3Origin><DNSName>pics\.s3\.amazonaws\.com<\/DNSName><\/S3Origin>/],
    [
      ['--s3-origin', 'pics.s3.eu-west-1.amazonaws.com'],
      /<DNSName>pics\.s3\.eu-west-1\.amazonaws\.com<\/DNSName>/,
    ],
    [
      ['--origin', 'localhost', '--http-port', '3000'],
      /<HTTPPort>3000<\/HTTPPort><HTTPSPort>443<\/HTTPSPort><OriginProtocolPolicy>http-only</,
    ],
    [['--s3-origin', 'p', '--disabled'], /<Enabled>false<\/Enabled>/],
    [
      ['--s3-origin', 'p', '--logging-bucket', 'logs', '--logging-prefix', 'a/'],
      /<Logging><Bucket>logs\.s3\.amazonaws\.com<\/Bucket><Prefix>a\/<\/Prefix><\/Logging>/,
    ],
    [['--s3-origin', 'p', '--caller-reference', 'ref'], /<CallerReference>ref<\/CallerReference>/],
    [['--s3-origin', 'p'], /<CallerReference>warmfront-[0-9a-f-]{36}<\/CallerReference>/],
  ];
  for (const [options, document] of cases) {
    const { code, out } = await runLine(api.url, ['distribution', 'create', ...options, '--json']);
    assert.equal(code, 0);
    assert.partialDeepStrictEqual(JSON.parse(out), { id: 'E1', etag: 'E9', domainName: 'd1.x' });
    assert.match(api.asked.at(-1)?.body ?? '', document);
    assert.equal(api.asked.at(-1)?.path, '/2010-11-01/distribution');
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
