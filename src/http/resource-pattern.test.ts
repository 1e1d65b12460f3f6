/** Patterns of resources: the contract's table, what differs from it, and an obvious slow matcher. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type RequestedUrl, resourceFits, wildcardFits } from './resource-pattern.ts';

function urlOf(text: string): RequestedUrl {
  const [, scheme = '', host = '', path = '', query] =
    /^([a-z]+):\/\/([^/]+)([^?]*)(?:\?(.*))?$/s.exec(text) ?? [];
  return { scheme, host, path, query };
}

type Row = readonly [resource: string, url: string, fits: boolean];

function judges(rows: readonly Row[]): void {
  for (const [resource, url, fits] of rows) {
    assert.equal(resourceFits(resource, urlOf(url)), fits, `${resource} over ${url}`);
  }
}

test("the contract's table holds", () => {
  judges([
    ['https://h/a*world', 'https://h/a-world', true],
    ['https://h/a*world', 'https://h/a?world', false],
    ['https://h/a/*', 'https://h/a/b/c.ts?x=1', true],
    ['https://h/*x.zip', 'https://h/x.zip?y=1', false],
    [String.raw`https://h/x.jpg\?s=?`, 'https://h/x.jpg?s=1', true],
    ['http://h/*', 'https://h/a', false],
    ['*', 'https://h/a?b', true],
  ]);
});

test('a * at the end of the path takes any query, and at the end of the host all that follows', () => {
  judges([
    ['http://h/hello*', 'http://h/hello', true],
    ['http://h/hello*', 'http://h/hello.mp4?a=1&b=2', true],
    [String.raw`http://h/hello*\?*`, 'http://h/hello.mp4?a=1', true],
    [String.raw`http://h/hello*\?*`, 'http://h/hello.mp4', true],
    ['http://h/hello*', 'http://h/hell', false],
    ['http://h*', 'http://h.example.com/a?b', true],
    ['http://*', 'http://h.example.com/a?b', true],
    ['http://*.example.com', 'http://h.example.com/a', false],
    ['http://*.example.com/', 'http://h.example.com/', true],
    ['http://h', 'http://h/', true],
    ['http://h', 'http://h/a', false],
    [String.raw`http://h\?a`, 'http://h/?a', true],
    [String.raw`http://h*\?a`, 'http://h/?b', false],
  ]);
});

test('schemes have wildcards, and none with a * before it is any scheme', () => {
  judges([
    ['http*://h/a', 'http://h/a', true],
    ['http*://h/a', 'https://h/a', true],
    ['*://h/a', 'https://h/a', true],
    ['http?://h/a', 'http://h/a', false],
    ['https://h/a', 'http://h/a', false],
    ['HTTP://H/a', 'http://h/a', true],
    ['http://h/A', 'http://h/a', false],
    ['*/a', 'https://h/a', true],
    ['*h/a', 'http://h/a', true],
    ['*.example.com/*.jpg', 'http://www.example.com/a/b.jpg', true],
    ['*/a', 'http://h/b', false],
    [String.raw`*/go\?to=http://x/`, 'http://h/go?to=http://x/', true],
    ['h/a', 'http://h/a', false],
    ['/a', 'http://h/a', false],
    ['', 'http://h/a', false],
    ['://h/a', 'http://h/a', false],
    ['?', 'http://h/a', false],
  ]);
});

test('no wildcard reaches beyond its section', () => {
  judges([
    ['http://h*e/a', 'http://h/e/a', false],
    ['http://*/a', 'http://h/x/a', false],
    ['http://*.h/a', 'http://evil/.h/a', false],
    ['http://?/a', 'http://h/a', true],
    ['http://h?/a', 'http://h/a', false],
    ['http://h/a?b', 'http://h/a/b', true],
    ['http://h/a*', 'http://hh/a', false],
    ['ht*h/a', 'http://h/a', false],
    [String.raw`http://h/a*\?x=1`, 'http://h/a/b?x=1', true],
    [String.raw`http://h/a\?x=*`, 'http://h/a?x=1&y=/2?3', true],
    [String.raw`http://h/a\?x=*`, 'http://h/a', false],
    [String.raw`http://h/a\?x=*`, 'http://h/b?x=1', false],
    [String.raw`http://h/a\?x\?y`, 'http://h/a?x?y', true],
    [String.raw`http://h/a\?x\?y`, 'http://h/a?xzy', false],
    [String.raw`http://h/a\?x?y`, 'http://h/a?xzy', true],
    ['http://h/a', 'http://h/a?x', false],
    ['http://h/a', 'http://h/a?', true],
  ]);
});

test('a URL that stands in a policy as it is, with a bare ?, is the very same URL', () => {
  judges([
    ['http://h/a.jpg?size=2&v=1', 'http://h/a.jpg?size=2&v=1', true],
    ['http*://h/a.jpg?size=2', 'https://h/a.jpg?size=2', true],
    ['http://h/a.jpg?size=2', 'http://h/a.jpg?size=3', false],
    ['http://h/a.jpg?size=*', 'http://h/a.jpg?size=3', false],
    ['http://h/a.jpg?size=2', 'http://h/a.jpg', false],
    ['http://h/a.jpg?size=2', 'http://h/a.jpg?size=2&v=1', false],
  ]);
});

test('a path that climbs fits no wildcard but that of a whole host', () => {
  const climbing = [
    '/a/../secret',
    '/a/b/..',
    '/a/./b',
    '/a/%2e%2E/secret',
    '/a/.%2e/secret',
    '/a/..%2fsecret',
    String.raw`/a/..\secret`,
    '/a//../secret',
    '/a/%5c..%5csecret',
  ];
  for (const path of climbing) {
    judges([
      ['http://h/a/*', `http://h${path}`, false],
      ['http://h/?/*', `http://h${path}`, false],
      ['*/a/*', `http://h${path}`, false],
      [`http://h${path}`, `http://h${path}`, true],
      ['http://h/*', `http://h${path}`, true],
      ['http://h*', `http://h${path}`, true],
      ['*', `http://h${path}`, true],
    ]);
  }
  judges([['http://h/a/*', 'http://h/a/..b/.c./...', true]]);
});

/** Tries every way there is. */
function slowFits(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const rest = pattern.slice(1);
  if (pattern[0] === '*') {
    return slowFits(rest, text) || (text !== '' && slowFits(pattern, text.slice(1)));
  }
  return (
    text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && slowFits(rest, text.slice(1))
  );
}

const letters = (alphabet: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet.split('')), maxLength });

test('wildcards agree with an obvious slow matcher', () => {
  fc.assert(
    fc.property(letters('ab*?', 9), letters('ab*', 9), (pattern, text) => {
      assert.equal(wildcardFits(pattern, text), slowFits(pattern, text));
    }),
    { numRuns: 20_000 },
  );
});

test('whole URLs agree with an obvious slow matcher, section by section', () => {
  const section = letters('ab*?', 4);
  const plain = letters('ab', 4);
  fc.assert(
    fc.property(
      fc.tuple(section, section, fc.option(section, { nil: undefined })),
      fc.tuple(plain, plain, fc.option(plain, { nil: undefined })),
      ([host, path, query], [urlHost, urlPath, urlQuery]) => {
        const resource = `http://${host}/${path}${query === undefined ? '' : `\\?${query}`}`;
        const queryFits =
          query === undefined
            ? (urlQuery ?? '') === '' || path.endsWith('*')
            : slowFits(query, urlQuery ?? '');
        const isSame =
          urlQuery !== undefined && query === undefined && path === `${urlPath}?${urlQuery}`;
        const fits = slowFits(host, urlHost) && (isSame || (slowFits(path, urlPath) && queryFits));
        const url = { scheme: 'http', host: urlHost, path: `/${urlPath}`, query: urlQuery };
        assert.equal(resourceFits(resource, url), fits, `${resource} ${JSON.stringify(url)}`);
      },
    ),
    { numRuns: 5_000 },
  );
});

test('no pattern and no URL brings the matcher down, and the nastiest takes little time', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (resource, path, query) => {
      resourceFits(resource, { scheme: 'http', host: 'h', path, query });
    }),
  );
  const text = `/${'a'.repeat(8_000)}`;
  for (const nasty of [
    `/*${'a'.repeat(4_000)}b`,
    `/${'*?a'.repeat(1_000)}b`,
    `/${'*'.repeat(4_000)}b`,
  ]) {
    const begun = performance.now();
    assert(
      !resourceFits(`http://h${nasty}`, {
        scheme: 'http',
        host: 'h',
        path: text,
        query: undefined,
      }),
    );
    assert(performance.now() - begun < 1_000, nasty.slice(0, 8));
  }
});

test('a pattern as long as can be fits what it says', () => {
  const long = `/${'a?*'.repeat(1_300)}`;
  const url = { scheme: 'http', host: 'h', path: `/${'ab'.repeat(1_300)}`, query: undefined };
  assert(resourceFits(`http://h${long}`, url));
});
