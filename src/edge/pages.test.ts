import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { headerValue } from '../http/header-list.ts';
import { reasonPhrase } from '../http/status.ts';
import { pageNames, renderPage } from './pages.ts';

const id = 'a'.repeat(56);
const about = { clock: new ManualClock(), id, pop: 'FRA56-P5' };

/** Edge contract 7.1, rule 3; all others go on. */
const closing = new Set([400, 405, 413, 414, 416, 494, 500, 501]);

test('every page is short and tells its status, its code and the request', () => {
  for (const name of pageNames) {
    const { body, headers, status } = renderPage({ name }, about);
    const text = Buffer.from(body).toString('utf8');
    assert(body.length < 1_000, name);
    assert.equal(headerValue(headers, 'content-length'), String(body.length));
    assert.deepEqual(
      headers.filter((_, index) => index % 2 === 0),
      [
        'Server',
        'Date',
        'Content-Type',
        'Content-Length',
        ...(status === 503 ? ['Retry-After'] : []),
      ],
    );
    assert(text.includes(`<h1>${status} ${reasonPhrase(status)}</h1>`), name);
    assert(text.includes(id) && text.includes('FRA56-P5'), name);
    assert.match(text, /<dt>Error<\/dt><dd>[A-Z][A-Za-z]+<\/dd>/);
    assert.notEqual(reasonPhrase(status), 'Unknown');
  }
});

test('the connection goes on or ends as the contract says', () => {
  for (const name of pageNames) {
    const { close, status } = renderPage({ name }, about);
    if (closing.has(status)) assert(close, name);
    if (status >= 502 && status <= 504) assert(!close, name);
  }
});

test('signed access is refused in the words of its own form', () => {
  const { body, headers, status } = renderPage({ name: 'MissingKey' }, about);
  assert.equal(status, 403);
  assert.equal(headerValue(headers, 'content-type'), 'text/xml');
  assert.match(Buffer.from(body).toString('utf8'), /^<\?xml .*<Code>MissingKey<\/Code>/);
});
