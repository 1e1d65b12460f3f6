/** Acceptance list of API 2010-11-01 (section 6), points 6 and 7: replay of a create, and updates. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import {
  allTexts,
  assertRefused,
  assertStatus,
  documentOf,
  etagOf,
  find,
  textAt,
} from '../harness/api-caller.ts';
import { createIdentity, namedIdentity } from '../harness/content.ts';
import {
  bothKinds,
  configXml,
  create,
  customOrigin,
  download,
  remove,
  s3Origin,
  type Said,
  untilDeployed,
} from '../harness/kinds.ts';
import { AcceptanceWorld, other } from './world.ts';

suite('acceptance: replay and update', () => {
  let world: AcceptanceWorld;

  before(async () => {
    world = await AcceptanceWorld.start();
  });

  after(() => world.stop());

  test('acceptance 6: a replay of a create gives the same id with 201, and creates nothing', async () => {
    for (const words of bothKinds) {
      const said: Said = {
        reference: 'replay',
        cnames: [`replay-${words.letter}.example.com`],
        comment: 'the same',
        more: '<Logging><Bucket>logs.s3.amazonaws.com</Bucket><Prefix/></Logging>',
      };
      const { etag, id, path } = await create(world.api, words, said);
      await untilDeployed(world.api, path);
      const before = allTexts(await world.api.get(words.path), words.summary, 'Id');
      for (const body of [
        configXml(words, said),
        configXml(words, said).replaceAll('><', '>\n   <'),
        configXml(words, said).replace('<Prefix/>', ''),
        configXml(words, said).replace('>replay-', '>REPLAY-'),
      ]) {
        const again = await world.api.post(words.path, body);
        assertStatus(again, 201);
        assert.equal(textAt(again, 'Id'), id);
        assert.equal(etagOf(again), etag, 'its current ETag');
        assert.equal(textAt(again, 'Status'), 'Deployed', 'its current state');
        assert.match(again.headers.location ?? '', new RegExp(`${path}$`));
      }
      const after = allTexts(await world.api.get(words.path), words.summary, 'Id');
      assert.deepEqual(after, before);
    }
  });

  test('acceptance 6: defaults that are spelled out are the same content', async () => {
    const plain = { reference: 'defaults', origin: customOrigin('www.example.com') };
    const { id } = await create(world.api, download, plain);
    const ports = '<HTTPPort>80</HTTPPort><HTTPSPort>443</HTTPSPort>';
    const spelled = { ...plain, origin: customOrigin('www.example.com', ports) };
    const again = await create(world.api, download, {
      ...spelled,
      more: '<TrustedSigners/><RequiredProtocols/>',
    });
    assert.equal(again.id, id);
  });

  test('acceptance 6: a used reference with other content is 409', async () => {
    for (const words of bothKinds) {
      const said: Said = { reference: 'conflict', comment: 'first' };
      await create(world.api, words, said);
      for (const changed of [
        { ...said, comment: 'second' },
        { ...said, comment: '' },
        { ...said, enabled: false },
        { ...said, origin: s3Origin('other') },
        { ...said, cnames: [`conflict-${words.letter}.example.com`] },
        { ...said, more: '<TrustedSigners><Self/></TrustedSigners>' },
      ]) {
        const reply = await world.api.post(words.path, configXml(words, changed));
        assertRefused(reply, 409, words.alreadyExists);
      }
    }
  });

  test('acceptance 6: after a PUT the original create still replays, and the updated content is 409', async () => {
    for (const words of bothKinds) {
      const said: Said = { reference: 'after put', comment: 'original' };
      const { etag, id, path } = await create(world.api, words, said);
      const updated = configXml(words, { ...said, comment: 'updated', enabled: false });
      const put = await world.api.put(`${path}/config`, etag, updated);
      assertStatus(put, 200);
      const again = await create(world.api, words, said);
      assert.equal(again.id, id);
      assert.equal(again.etag, etagOf(put), 'its current ETag');
      const config = find(documentOf(again.reply), words.config);
      assert(config !== undefined);
      assert.equal(find(config, 'Comment')?.text, 'updated', 'its current configuration');
      assert.equal(find(config, 'Enabled')?.text, 'false');
      assertRefused(await world.api.post(words.path, updated), 409, words.alreadyExists);
    }
  });

  test('acceptance 6: a replay collides neither with its own names nor with the limits', async () => {
    for (const words of bothKinds) {
      const said: Said = { reference: 'own', cnames: [`own-${words.letter}.example.com`] };
      const { id } = await create(world.api, words, said);
      assert.equal((await create(world.api, words, said)).id, id);
      const stolen = { ...said, reference: 'stolen' };
      assertRefused(
        await world.api.post(words.path, configXml(words, stolen)),
        409,
        'CNAMEAlreadyExists',
      );
    }
  });

  test('acceptance 6: references belong to an account and a kind, and are free after a delete', async () => {
    const stranger = world.as(other);
    const ids = new Set<string>();
    for (const words of bothKinds) {
      const said: Said = { reference: 'scoped', comment: words.kind };
      const mine = await create(world.api, words, said);
      const theirs = await create(stranger, words, { ...said, comment: 'theirs' });
      for (const { id } of [mine, theirs]) ids.add(id);
      await remove(world.api, mine.path);
      const anew = await create(world.api, words, { ...said, comment: 'anew' });
      ids.add(anew.id);
    }
    assert.equal(ids.size, 6);
  });

  test('acceptance 7: a PUT removes whatever its document lacks', async () => {
    for (const words of bothKinds) {
      const isDownload = words.kind === 'download';
      const { etag, path, reply } = await create(world.api, words, {
        reference: 'replaced',
        origin: s3Origin('pics', namedIdentity((await createIdentity(world.api, 'replaced')).id)),
        cnames: [`replaced-${words.letter}.example.com`],
        comment: 'gone after',
        more:
          '<Logging><Bucket>logs.s3.amazonaws.com</Bucket><Prefix>p/</Prefix></Logging>' +
          '<TrustedSigners><Self/></TrustedSigners>' +
          (isDownload
            ? '<DefaultRootObject>index.html</DefaultRootObject><RequiredProtocols><Protocol>https</Protocol></RequiredProtocols>'
            : ''),
      });
      assert.match(reply.body, /ActiveTrustedSigners/);
      const put = await world.api.put(
        `${path}/config`,
        etag,
        configXml(words, { reference: 'replaced' }),
      );
      assertStatus(put, 200);
      for (const { body } of [
        put,
        await world.api.get(path),
        await world.api.get(`${path}/config`),
      ]) {
        const left =
          /Logging|Signers|RequiredProtocols|DefaultRootObject|CNAME|Comment|OriginAccessIdentity/;
        assert.doesNotMatch(body, left);
      }
      // The name it let go of is free for others at once.
      const cnames = [`replaced-${words.letter}.example.com`];
      await create(world.as(other), words, { reference: 'takes it', cnames });
    }
  });

  test('acceptance 7: what GET config answers can be sent back, and PUT answers the whole', async () => {
    for (const words of bothKinds) {
      const { etag, path } = await create(world.api, words, {
        reference: 'sent back',
        cnames: [`back-${words.letter}.example.com`],
        comment: 'Grüße &amp; 漢字 &lt;tag&gt;',
        more: '<TrustedSigners><Self/></TrustedSigners>',
      });
      const config = await world.api.get(`${path}/config`);
      const put = await world.api.put(`${path}/config`, etag, config.body);
      assertStatus(put, 200);
      assert.equal(documentOf(put).name, words.root);
      assert.equal((await world.api.get(`${path}/config`)).body, config.body);
    }
  });

  test('acceptance 7: the origin and the reference cannot be changed', async () => {
    for (const words of bothKinds) {
      const { etag, path } = await create(world.api, words, { reference: 'fixed' });
      for (const changed of [
        { reference: 'another' },
        { reference: 'fixed', origin: s3Origin('elsewhere') },
        ...(words.kind === 'download'
          ? [{ reference: 'fixed', origin: customOrigin('pics.s3.amazonaws.com') }]
          : []),
      ]) {
        const put = await world.api.put(`${path}/config`, etag, configXml(words, changed));
        assertRefused(put, 400, 'IllegalUpdate');
      }
      assert.equal(etagOf(await world.api.get(path)), etag, 'a refused update changes nothing');
    }
  });

  test('acceptance 7: none of the four children of a custom origin can be changed', async () => {
    const said = { reference: 'custom fixed' };
    const created = await create(world.api, download, {
      ...said,
      origin: customOrigin('www.example.com', '', 'match-viewer'),
    });
    let { etag } = created;
    const put = async (origin: string) => {
      const body = configXml(download, { ...said, origin });
      return world.api.put(`${created.path}/config`, etag, body);
    };
    for (const origin of [
      customOrigin('www.example.org'),
      customOrigin('www.example.com', ports(8080, 443)),
      customOrigin('www.example.com', ports(80, 8443)),
      customOrigin('www.example.com', '', 'http-only'),
      s3Origin('www.example.com'),
    ]) {
      assertRefused(await put(origin), 400, 'IllegalUpdate');
    }
    // Leaving out a port that has its default is no change, and neither is spelling it out.
    for (const origin of [
      customOrigin('www.example.com', ports(80, 443)),
      customOrigin('www.example.com', '<HTTPSPort>443</HTTPSPort>'),
      customOrigin('www.example.com'),
    ]) {
      const reply = await put(origin);
      assertStatus(reply, 200);
      etag = etagOf(reply);
    }
  });

  test('acceptance 7: the origin access identity may change, vanish and come', async () => {
    const one = namedIdentity((await createIdentity(world.api, 'one')).id);
    const two = namedIdentity((await createIdentity(world.api, 'two')).id);
    for (const words of bothKinds) {
      const said = { reference: 'identity' };
      const created = await create(world.api, words, {
        ...said,
        origin: s3Origin('pics', one),
      });
      let { etag } = created;
      for (const [more, written] of [
        [two, two],
        ['', ''],
        [one, one],
        ['<OriginAccessIdentity/>', ''],
      ] as const) {
        const body = configXml(words, { ...said, origin: s3Origin('pics', more) });
        const put = await world.api.put(`${created.path}/config`, etag, body);
        assertStatus(put, 200);
        etag = etagOf(put);
        assert(put.body.includes(s3Origin('pics', written)), put.body);
      }
      const foreign = await createIdentity(world.as(other), `foreign to ${words.kind}`);
      for (const wrong of [
        'E1IDENTITY000',
        'origin-access-identity/cloudfront/',
        'origin-access-identity/cloudfront/E1IDENTITY000',
        `origin-access-identity/cloudfront/${foreign.id}`,
        'x/y/z',
      ]) {
        const origin = s3Origin('pics', `<OriginAccessIdentity>${wrong}</OriginAccessIdentity>`);
        const body = configXml(words, { ...said, origin });
        const put = await world.api.put(`${created.path}/config`, etag, body);
        assertRefused(put, 400, 'InvalidOriginAccessIdentity');
      }
    }
  });
});

function ports(http: number, https: number): string {
  return `<HTTPPort>${http}</HTTPPort><HTTPSPort>${https}</HTTPSPort>`;
}
