/**
 * docs/limits.md says of each bound what the code keeps: it is made of the same tables, and
 * `node src/edge/bounds.test.ts --rewrite` writes it anew.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatByteSize } from '../base/byte-size.ts';
import { formatDuration } from '../base/duration.ts';
import { compressibleBytesMax, compressibleBytesMin } from '../cache/compressible.ts';
import { extensionBytesMax, trailerBytesMax } from '../http/body-framing.ts';
import { lifetimeSMax } from '../http/cache-control.ts';
import { nameCharactersMax } from '../http/host.ts';
import { policyBytesMax } from '../http/policy.ts';
import { rangesMax } from '../http/ranges.ts';
import { methodBytesMax } from '../http/request-head.ts';
import { limitTable } from '../model/limits.ts';
import { type Bound, boundTable, edgeBounds } from './bounds.ts';
import { distributionsInARowMax } from './stages/check-loop.ts';

const page = join(import.meta.dirname, '../../docs/limits.md');

/** What the words of HTTP themselves have as a bound; no edge is told another number. */
const fixedBounds: Readonly<Record<string, Bound>> = {
  methodBytesMax: {
    value: methodBytesMax,
    meaning: 'the method of a request',
    beyond: '400, and the connection ends',
    source: 'of our own',
  },
  nameCharactersMax: {
    value: nameCharactersMax,
    meaning: 'the name in Host, without its port',
    beyond: '400, and the connection ends',
    source: 'RFC 1035 §2.3.4',
  },
  extensionBytesMax: {
    value: extensionBytesMax,
    meaning: 'the extensions of one chunk of a body',
    beyond: '400 where nothing was answered yet, and the connection ends',
    source: 'RFC 9112 §7.1.1; the number of our own',
  },
  trailerBytesMax: {
    value: trailerBytesMax,
    meaning: 'the trailers of a chunked body, which are read and dropped',
    beyond: '400 where nothing was answered yet, and the connection ends',
    source: 'of our own',
  },
  rangesMax: {
    value: rangesMax,
    meaning: 'parts that one Range asks for',
    beyond: 'the whole object is the answer',
    source: 'RFC 9110 §14.2; the number of our own',
  },
  distributionsInARowMax: {
    value: distributionsInARowMax,
    meaning: 'distributions that a request passes through, each the origin of the one before',
    beyond: '403',
    source: 'edge contract 0.3',
  },
  policyBytesMax: {
    value: policyBytesMax,
    meaning: 'the policy of a signed URL or of signed cookies',
    beyond: '403',
    source: 'of our own',
  },
  lifetimeSMax: {
    value: lifetimeSMax,
    meaning: 'seconds for which an origin may say that an object is fresh: 100 years',
    beyond: 'so many are meant',
    source: 'edge contract 0.3',
  },
  compressibleBytesMin: {
    value: compressibleBytesMin,
    meaning: 'the least bytes of a body that the edge compresses',
    beyond: 'less goes uncompressed',
    source: 'edge contract 0.3',
  },
  compressibleBytesMax: {
    value: compressibleBytesMax,
    meaning: 'the most bytes of a body that the edge compresses',
    beyond: 'more goes uncompressed',
    source: 'edge contract 0.3',
  },
};

function limitsPage(): string {
  const accounts = Object.entries(limitTable).map(
    ([name, { default: least, meaning }]) =>
      `| \`--limit ${name}=N\` | ${least.toLocaleString('en')} | ${meaning} |`,
  );
  return `# Limits

This page is made from the tables in \`src/edge/bounds.ts\`, \`src/model/limits.ts\` and \`src/edge/bounds.test.ts\`;
\`node src/edge/bounds.test.ts --rewrite\` writes it anew. Where a limit is a setting, docs/settings.md has more of it.

## What an edge takes
Each worker of an edge location has these limits for itself. "The edge contract" is CloudFront's behavior as this project has written it
down.

| limit | default | setting | of what | beyond it | source |
|---|---|---|---|---|---|
${rowsOf(boundTable)}

## What has one form for every edge
| limit | value | setting | of what | beyond it | source |
|---|---|---|---|---|---|
${rowsOf(fixedBounds)}

A connection has no limit to how many requests follow one another on it, since nothing grows with their number.

## What an account and a configuration have
The API refuses what is more, and says which limit it was.

| setting | default | of what |
|---|---|---|
${accounts.join('\n')}
`;
}

function rowsOf(table: Readonly<Record<string, Bound>>): string {
  return Object.entries(table)
    .map(([name, bound]) => {
      const setting = bound.setting === undefined ? '' : `\`--${bound.setting}\``;
      const { beyond, meaning, source } = bound;
      return `| \`${name}\` | ${amount(name, bound.value)} | ${setting} | ${meaning} | ${beyond} | ${source} |`;
    })
    .join('\n');
}

function amount(name: string, value: number): string {
  if (/Ms(?:Max)?$/.test(name)) return formatDuration(value);
  if (/Bytes/.test(name) && value % 1_024 === 0) return formatByteSize(value);
  return value.toLocaleString('en');
}

if (process.argv.includes('--rewrite')) writeFileSync(page, limitsPage());

test('docs/limits.md is what the tables say; --rewrite writes it anew', () => {
  assert.equal(readFileSync(page, 'utf8'), limitsPage());
});

test('each bound is a number, and says what happens to what is more', () => {
  for (const [name, { beyond, meaning, source, value }] of Object.entries<Bound>(boundTable)) {
    assert(Number.isSafeInteger(value) && value > 0, name);
    assert(beyond !== '' && meaning !== '' && source !== '', name);
  }
  assert.deepEqual(Object.keys(edgeBounds), Object.keys(boundTable));
  assert.equal(edgeBounds.urlBytesMax, boundTable.urlBytesMax.value);
});
