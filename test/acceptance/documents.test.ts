/** Acceptance list of API 2010-11-01 (section 6), points 4 and 5: forms of answers, ETags. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import {
  assertRefused,
  assertStatus,
  documentOf,
  etagOf,
  find,
  type Reply,
  textAt,
} from '../harness/api-caller.ts';
import {
  bothKinds,
  configXml,
  create,
  customOrigin,
  download,
  namespace,
  untilDeployed,
} from '../harness/kinds.ts';
import { AcceptanceWorld, other, signerAccounts } from './world.ts';

suite('acceptance: answers', () => {
  let world: AcceptanceWorld;

  before(async () => {
    world = await AcceptanceWorld.start();
  });

  after(() => world.stop());

  test('acceptance 4: every root stands with its namespace as s3cmd wants it, after one declaration', async () => {
    for (const words of bothKinds) {
      const { id, path, reply } = await create(world.api, words, { reference: 'roots' });
      const put = await world.api.put(
        `${path}/config`,
        etagOf(reply),
        configXml(words, { reference: 'roots', comment: 'put' }),
      );
      for (const [root, answer] of [
        [words.root, reply],
        [words.root, put],
        [words.root, await world.api.get(path)],
        [words.config, await world.api.get(`${path}/config`)],
        [words.list, await world.api.get(words.path)],
        ['ErrorResponse', await world.api.get(`${words.path}/E00000000000X`)],
        ['ErrorResponse', await world.api.post(words.path, '<broken')],
        ['ErrorResponse', await world.api.get(words.path, { headers: { authorization: 'x' } })],
      ] as const) {
        assertWellFormed(answer, root);
      }
      assert(!textAt(reply, 'Id').includes(' ') && textAt(reply, 'Id') === id);
    }
  });

  test('acceptance 4: children stand in the documented order', async () => {
    for (const words of bothKinds) {
      const isDownload = words.kind === 'download';
      const { path, reply } = await create(world.api, words, {
        reference: 'everything',
        cnames: [`${words.letter}1.order.example.com`, `${words.letter}2.order.example.com`],
        comment: 'a < b && c > d "quoted"'.replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
        more:
          `<TrustedSigners><AwsAccountNumber>${signerAccounts[0]}</AwsAccountNumber><Self/></TrustedSigners>` +
          '<Logging><Bucket>logs.s3.amazonaws.com</Bucket></Logging>' +
          (isDownload
            ? '<RequiredProtocols><Protocol>https</Protocol></RequiredProtocols><DefaultRootObject>index.html</DefaultRootObject>'
            : ''),
      });
      const root = documentOf(reply);
      const batches = isDownload ? ['InProgressInvalidationBatches'] : [];
      const state = ['Id', 'Status', 'LastModifiedTime'];
      assert.deepEqual(namesOf(root), [
        ...state,
        ...batches,
        'DomainName',
        'ActiveTrustedSigners',
        words.config,
      ]);
      const config = find(root, words.config);
      assert(config !== undefined);
      assert.deepEqual(namesOf(config), [
        'S3Origin',
        'CallerReference',
        'CNAME',
        'CNAME',
        'Comment',
        'Enabled',
        ...(isDownload ? ['DefaultRootObject'] : []),
        'Logging',
        'TrustedSigners',
        ...(isDownload ? ['RequiredProtocols'] : []),
      ]);
      assert.equal(find(config, 'Comment')?.text, 'a < b && c > d "quoted"');
      assert.match(reply.body, /<TrustedSigners><Self\/><AwsAccountNumber>/);
      assert.match(
        reply.body,
        /<ActiveTrustedSigners><Signer><Self\/><\/Signer><Signer><AwsAccountNumber>\d{12}<\/AwsAccountNumber><\/Signer><\/ActiveTrustedSigners>/,
      );
      assert(!reply.body.includes(`<${words.config} `), 'inside, it has no namespace of its own');
      const alone = documentOf(await world.api.get(`${path}/config`));
      assert.deepEqual(alone.children, config.children);
      const list = documentOf(await world.api.get(words.path));
      const own = list.children.find((child) => find(child, 'Id')?.text === find(root, 'Id')?.text);
      assert(own !== undefined);
      assert.equal(own.name, words.summary);
      assert.deepEqual(namesOf(own), [
        ...state,
        'DomainName',
        'S3Origin',
        'CNAME',
        'CNAME',
        'Comment',
        'Enabled',
        'TrustedSigners',
      ]);
    }
  });

  test('acceptance 4: Prefix is there whenever Logging is', async () => {
    for (const words of bothKinds) {
      for (const [prefix, written] of [
        ['', '<Prefix/>'],
        ['<Prefix/>', '<Prefix/>'],
        ['<Prefix></Prefix>', '<Prefix/>'],
        ['<Prefix>logs-of/</Prefix>', '<Prefix>logs-of/</Prefix>'],
      ]) {
        const bucket = '<Bucket>logs.s3.amazonaws.com</Bucket>';
        const { path, reply } = await create(world.api, words, {
          reference: `prefix ${prefix?.length}`,
          more: `<Logging>${bucket}${prefix}</Logging>`,
        });
        for (const { body } of [
          reply,
          await world.api.get(path),
          await world.api.get(`${path}/config`),
        ]) {
          assert(body.includes(`<Logging>${bucket}${written}</Logging>`), body);
        }
      }
      const { reply } = await create(world.api, words, { reference: 'no logging' });
      assert(!reply.body.includes('Logging'));
    }
  });

  test('acceptance 4: both ports are there whenever CustomOrigin is', async () => {
    for (const [ports, http, https] of [
      ['', 80, 443],
      ['<HTTPPort>8080</HTTPPort>', 8080, 443],
      ['<HTTPSPort>8443</HTTPSPort>', 80, 8443],
      ['<HTTPSPort>1024</HTTPSPort><HTTPPort>65535</HTTPPort>', 65535, 1024],
    ] as const) {
      const { id, path, reply } = await create(world.api, download, {
        reference: `ports ${http} ${https}`,
        origin: customOrigin('www.example.com', ports, 'http-only'),
      });
      const written =
        `<CustomOrigin><DNSName>www.example.com</DNSName><HTTPPort>${http}</HTTPPort>` +
        `<HTTPSPort>${https}</HTTPSPort><OriginProtocolPolicy>http-only</OriginProtocolPolicy></CustomOrigin>`;
      const list = await world.api.get(download.path);
      const inList = list.body.slice(list.body.indexOf(`<Id>${id}<`));
      for (const body of [
        reply.body,
        (await world.api.get(path)).body,
        (await world.api.get(`${path}/config`)).body,
        inList,
      ]) {
        assert(body.includes(written), body);
      }
    }
  });

  test('acceptance 4: answers carry the headers of section 1.7, and Location where one is created', async () => {
    for (const words of bothKinds) {
      const { id, path, reply } = await create(world.api, words, { reference: 'headers' });
      const endpoint = world.server.addresses.apiTls ?? world.server.addresses.api;
      assert.equal(reply.headers.location, `${endpoint}${words.path}/${id}`);
      const ids = new Set<string>();
      for (const answer of [reply, await world.api.get(path), await world.api.get(words.path)]) {
        const requestId = String(answer.headers['x-amz-request-id']);
        assert.match(requestId, /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/);
        assert.equal(answer.headers['x-amzn-requestid'], requestId);
        assert.match(answer.headers['content-type'] ?? '', /^text\/xml/);
        assert.equal(Number(answer.headers['content-length']), Buffer.byteLength(answer.body));
        assert.ok(Number.isFinite(Date.parse(answer.headers.date ?? '')));
        ids.add(requestId);
      }
      assert.equal(ids.size, 3, 'each answer has an id of its own');
      assert.match(textAt(reply, 'LastModifiedTime'), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.match(id, /^E[0-9A-Z]{12,13}$/);
      assert.match(etagOf(reply), /^E[0-9A-Z]{12,13}$/);
      const name = textAt(reply, 'DomainName');
      assert.match(name, new RegExp(`^${words.letter}[0-9a-z]{12,13}\\.cloudfront\\.localhost$`));
    }
  });

  test('acceptance 5: one ETag without quotes on create, info and config, and none on lists', async () => {
    for (const words of bothKinds) {
      const { etag, path } = await create(world.api, words, { reference: 'etags' });
      assert(!etag.includes('"'));
      assert.equal(etagOf(await world.api.get(path)), etag);
      assert.equal(etagOf(await world.api.get(`${path}/config`)), etag);
      assert.equal((await world.api.get(words.path)).headers.etag, undefined);
      assert.equal((await world.api.get(`${words.path}/E0`)).headers.etag, undefined);
    }
  });

  test('acceptance 5: a PUT mints a new ETag and is InProgress, even when nothing changes', async () => {
    for (const words of bothKinds) {
      const { etag, path } = await create(world.api, words, { reference: 'new etags' });
      const seen = new Set([etag]);
      let last = await untilDeployed(world.api, path);
      // While an edge is held nothing more is deployed, so InProgress can be seen without a race.
      assertStatus(await world.api.post('/_warmfront/edges/a/hold', ''), 200);
      try {
        for (let turn = 0; turn < 4; turn += 1) {
          const config = await world.api.get(`${path}/config`);
          const put = await world.api.put(`${path}/config`, etagOf(config), config.body);
          assertStatus(put, 200);
          assert(!seen.has(etagOf(put)), 'an ETag never comes back');
          seen.add(etagOf(put));
          assert.equal(textAt(put, 'Status'), 'InProgress');
          assert(textAt(put, 'LastModifiedTime') > textAt(last, 'LastModifiedTime'));
          assert.equal(etagOf(await world.api.get(path)), etagOf(put));
          assert.equal(etagOf(await world.api.get(`${path}/config`)), etagOf(put));
          last = put;
        }
      } finally {
        assertStatus(await world.api.post('/_warmfront/edges/a/release', ''), 200);
      }
    }
  });

  test('acceptance 5: deployment changes neither ETag nor LastModifiedTime', async () => {
    for (const words of bothKinds) {
      const { path, reply } = await create(world.api, words, { reference: 'deployment' });
      const deployed = await untilDeployed(world.api, path);
      assert.equal(etagOf(deployed), etagOf(reply));
      assert.equal(deployed.body, reply.body.replace('>InProgress<', '>Deployed<'));
    }
  });

  test('acceptance 5: an ETag that is not current is 412, on PUT and on DELETE', async () => {
    for (const words of bothKinds) {
      const { etag, path } = await create(world.api, words, { reference: '412' });
      const body = configXml(words, { reference: '412', comment: 'changed' });
      assertStatus(await world.api.put(`${path}/config`, etag, body), 200);
      for (const stale of [etag, 'E00000000000X', `"${etag}"`, 'x']) {
        assertRefused(
          await world.api.put(`${path}/config`, stale, body),
          412,
          'PreconditionFailed',
        );
        assertRefused(await world.api.delete(path, stale), 412, 'PreconditionFailed');
      }
    }
  });

  test('acceptance 5: If-Match that is absent, empty, * or a list is 400', async () => {
    for (const words of bothKinds) {
      const { etag, path } = await create(world.api, words, { reference: '400' });
      const body = configXml(words, { reference: '400' });
      for (const ifMatch of [undefined, '', '  ', '*', `${etag}, ${etag}`, `"${etag}", "x"`]) {
        const put = await world.api.put(`${path}/config`, ifMatch, body);
        assertRefused(put, 400, 'InvalidIfMatchVersion');
        assertRefused(await world.api.delete(path, ifMatch), 400, 'InvalidIfMatchVersion');
      }
      // Quotes around the current one are tolerated.
      assertStatus(await world.api.put(`${path}/config`, `"${etag}"`, body), 200);
    }
  });

  test('acceptance 5: If-Match is judged after existence and before the body', async () => {
    for (const words of bothKinds) {
      const missing = `${words.path}/E00000000000X`;
      assertRefused(await world.api.put(`${missing}/config`, undefined, ''), 404, words.noSuch);
      assertRefused(await world.api.delete(missing), 404, words.noSuch);
      const { etag, path } = await create(world.api, words, { reference: 'order of checks' });
      const broken = '<broken';
      assertRefused(
        await world.api.put(`${path}/config`, undefined, broken),
        400,
        'InvalidIfMatchVersion',
      );
      assertRefused(await world.api.put(`${path}/config`, 'x', broken), 412, 'PreconditionFailed');
      assertRefused(await world.api.put(`${path}/config`, etag, broken), 400, 'MalformedXML');
      assertRefused(await world.api.put(`${path}/config`, etag, ''), 400, 'MissingBody');
    }
  });

  test('acceptance 5: another account has neither the distribution nor its ETag', async () => {
    const stranger = world.as(other);
    for (const words of bothKinds) {
      const { etag, path } = await create(world.api, words, { reference: 'owned' });
      for (const reply of [
        await stranger.get(path),
        await stranger.get(`${path}/config`),
        await stranger.put(`${path}/config`, etag, configXml(words, { reference: 'owned' })),
        await stranger.delete(path, etag),
      ]) {
        assertRefused(reply, 404, words.noSuch);
      }
    }
  });
});

function namesOf({
  children,
}: {
  readonly children: readonly { readonly name: string }[];
}): readonly string[] {
  return children.map(({ name }) => name);
}

/** Exactly one declaration, a line end, the root with its namespace first, and no white space. */
function assertWellFormed({ body }: Reply, root: string): void {
  assert(body.startsWith(`<?xml version="1.0"?>\n<${root} xmlns="${namespace}">`), body);
  assert.equal(body.split('<?xml').length, 2);
  assert.equal(body.split('xmlns').length, 2);
  assert.doesNotMatch(body.slice(body.indexOf('\n') + 1), />\s+</);
}
