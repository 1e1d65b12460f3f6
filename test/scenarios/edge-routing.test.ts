/** Routing: which distribution answers, and that all the others look alike (edge contract 1.1). */
import assert from 'node:assert/strict';
import { headerValue } from '../../src/http/header-list.ts';
import type { Answer } from '../harness/viewer.ts';
import { distributionOf, domain, host, scenario } from '../harness/scenario.ts';

const refused = { status: 403, xCache: 'Error', body: /BadRequest/ } as const;

scenario('a host is found whatever its case, port and trailing dot', async (stage) => {
  const { origin, serves, viewer } = stage;
  serves(distributionOf('custom', { aliases: ['d.example.com'] }));
  origin.answers(200, {}, 'hello');
  for (const name of [
    'D.EXAMPLE.COM:8080',
    'd.example.com.',
    'd.example.com:',
    host,
    `${host}:80`,
  ]) {
    await viewer.for(name).gets('/a').sees({ status: 200 });
  }
});

scenario('a wildcard takes every depth below it and not its own name', async (stage) => {
  const { origin, serves, viewer } = stage;
  serves(distributionOf('custom', { aliases: ['*.example.com'] }));
  origin.answers(200, {}, 'hello');
  await viewer.for('a.example.com').gets('/a').sees({ status: 200 });
  await viewer.for('a.b.example.com').gets('/a').sees({ status: 200 });
  await viewer.for('example.com').gets('/a').sees(refused);
  await viewer.for('aexample.com').gets('/a').sees(refused);
});

scenario('the longest name wins, whoever owns it', async ({ origin, serves, viewer }) => {
  const other = { id: 'E222222ABCDEF8', domainName: `d222222abcdef8.${domain}` };
  serves(distributionOf('custom', { aliases: ['*.example.com'], defaultRootObject: 'first' }));
  serves(
    distributionOf(
      'custom',
      { aliases: ['a.example.com', '*.b.example.com'], defaultRootObject: 'second' },
      {},
      other,
    ),
  );
  origin.answers(200, { 'cache-control': 'no-store' }, 'hello');
  for (const [name, target] of [
    ['x.example.com', '/first'],
    ['a.example.com', '/second'],
    ['x.b.example.com', '/second'],
    ['b.example.com', '/first'],
  ] as const) {
    await viewer.for(name).gets('/').sees({ status: 200 });
    assert.equal(origin.last.target, target);
  }
});

scenario('disabled, streaming, deleted and unknown names are refused alike', async (stage) => {
  const { routing, serves, viewer } = stage;
  const known = distributionOf('custom', { aliases: ['d.example.com'] });
  const pages: string[] = [];
  const page = async (name: string): Promise<void> => {
    const answer = await viewer.for(name).gets('/').sees(refused);
    pages.push(withoutIds(answer));
  };
  await page('unknown.example.com');
  serves({ ...known, config: { ...known.config, enabled: false } });
  await page(host);
  await page('d.example.com');
  serves({ ...known, config: { ...known.config, kind: 'streaming' } });
  await page(host);
  const { revision } = routing;
  routing.apply([{ kind: 'distribution', id: known.id, placed: undefined }], revision);
  await page(host);
  await page('127.0.0.1');
  await page('[::1]:80');
  assert.equal(new Set(pages).size, 1, pages.join('\n'));
});

function withoutIds({ body, headers, status }: Answer): string {
  const id = headerValue(headers, 'x-amz-cf-id') ?? '';
  return JSON.stringify([status, headers, body]).replaceAll(id, '');
}

scenario('a request under way finishes with the configuration it began with', async (stage) => {
  const { origin, serves, viewer } = stage;
  const known = distributionOf('custom');
  let finish: (() => void) | undefined;
  origin.does((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha');
    finish = () => socket.write('lf');
  });
  const asking = viewer.gets('/a');
  await origin.hears(1);
  serves({ ...known, config: { ...known.config, enabled: false } });
  await viewer.gets('/b').sees(refused);
  finish?.();
  await asking.sees({ status: 200, body: 'half' });
});

scenario('the default root object answers for / and for nothing else', async (stage) => {
  const { origin, serves, viewer } = stage;
  origin.answers(200, { 'cache-control': 'no-store' }, 'hello');
  for (const [root, path, target] of [
    ['index.html', '/', '/index.html'],
    ['index.html', '/?a=b', '/index.html'],
    ['folder/index.html', '/', '/folder/index.html'],
    ['/index.html', '/', '//index.html'],
    ['index.html', '//', '//'],
    ['index.html', '/dir/', '/dir/'],
    ['', '/', '/'],
  ] as const) {
    serves(distributionOf('custom', { defaultRootObject: root }));
    await viewer.gets(path).sees({ status: 200 });
    assert.equal(origin.last.target, target);
  }
  await viewer.sends(`GET http://${host} HTTP/1.1\r\nHost: x\r\n\r\n`).sees({ status: 200 });
  serves(distributionOf('custom', { defaultRootObject: 'a b' }));
  await viewer.gets('/').sees({ status: 400, body: /default root object/ });
});

scenario(
  'where HTTPS is required, plain HTTP is refused',
  { behavior: { viewerProtocolPolicy: 'https-only' } },
  async ({ origin, viewer }) => {
    await viewer.gets('/').sees({ status: 403, body: /ViewerProtocol/ });
    origin.wasAsked(0);
  },
);

scenario(
  'a private distribution answers no request that is not signed',
  { behavior: { trustedSigners: { self: true, accounts: [] } } },
  async ({ origin, viewer }) => {
    const expected = {
      status: 403,
      xCache: 'Error',
      headers: { 'content-type': 'text/xml' },
      body:
        '<?xml version="1.0" encoding="UTF-8"?><Error><Code>MissingKey</Code>' +
        '<Message>Missing Key-Pair-Id query parameter or cookie value</Message></Error>',
    };
    await viewer.gets('/a').sees(expected);
    await viewer.gets('/a?x=1').sees(expected);
    origin.wasAsked(0);
  },
);

scenario('two distributions may stand in a row, a third is refused', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, { 'cache-control': 'no-store' }, 'hello');
  await viewer.gets('/a', { 'CDN-Loop': `other; x=1, ${domain}` }).sees({ status: 200 });
  assert.equal(headerValue(origin.last.headers, 'cdn-loop'), `other; x=1, ${domain}, ${domain}`);
  await viewer
    .gets('/a', { 'CDN-Loop': `${domain}, ${domain.toUpperCase()};x` })
    .sees({ status: 403, body: /RequestBlocked/ });
});
