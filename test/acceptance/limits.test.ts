/** Acceptance list of API 2010-11-01 (section 6), point 10: limits, and names that belong to one. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import {
  allTexts,
  assertRefused,
  assertStatus,
  etagOf,
  find,
  documentOf,
  textAt,
} from '../harness/api-caller.ts';
import {
  bothKinds,
  configXml,
  create,
  customOrigin,
  download,
  type KindWords,
  remove,
  s3Origin,
  type Said,
  streaming,
} from '../harness/kinds.ts';
import { AcceptanceWorld, other, owner, signerAccounts } from './world.ts';

suite('acceptance: limits', () => {
  let world: AcceptanceWorld;

  before(async () => {
    world = await AcceptanceWorld.start();
  });

  after(() => world.stop());

  /** Refused on create and on an update alike, and nothing is changed by it. */
  async function bothRefuse(
    words: KindWords,
    said: Said,
    status: number,
    code: string,
  ): Promise<void> {
    assertRefused(await world.api.post(words.path, configXml(words, said)), status, code);
    const isCustom = said.origin?.startsWith('<CustomOrigin>') === true;
    const reference = `an update to ${said.reference}`;
    const { etag, path } = await create(world.api, words, {
      reference,
      ...(isCustom ? { origin: customOrigin('www.example.com') } : {}),
    });
    const body = configXml(words, { ...said, reference });
    assertRefused(await world.api.put(`${path}/config`, etag, body), status, code);
    assert.equal(etagOf(await world.api.get(path)), etag);
  }

  test('acceptance 10: ten CNAMEs are accepted, eleven are too many', async () => {
    for (const words of bothKinds) {
      const ten = { reference: 'ten', cnames: names(10, words.letter) };
      const { path } = await create(world.api, words, ten);
      const config = documentOf(await world.api.get(`${path}/config`));
      const written = config.children.filter(({ name }) => name === 'CNAME');
      assert.deepEqual(
        written.map(({ text }) => text),
        ten.cnames,
      );
      const eleven = { reference: 'eleven', cnames: names(11, `x${words.letter}`) };
      await bothRefuse(words, eleven, 400, words.tooManyCnames);
    }
  });

  test('acceptance 10: five signers are accepted, six are too many', async () => {
    for (const words of bothKinds) {
      const five = signerAccounts.slice(0, 5);
      const { reply } = await create(world.api, words, { reference: 'five', more: trusted(five) });
      assert(reply.body.includes(trusted(five)), 'Self does not count as an account number');
      const dashed = five.map((one) => one.replace(/^(\d{4})(\d{4})/, '$1-$2-'));
      const again = await create(world.api, words, { reference: 'five', more: trusted(dashed) });
      assert.equal(again.id, textAt(reply, 'Id'), 'dashes are tolerated');
      const six = { reference: 'six', more: trusted(signerAccounts) };
      await bothRefuse(words, six, 400, 'TooManyTrustedSigners');
      const unknown = { reference: 'unknown', more: trusted(['999999999999']) };
      await bothRefuse(words, unknown, 400, 'TrustedSignerDoesNotExist');
    }
  });

  test('acceptance 10: 128 characters of comment are accepted, 129 are not', async () => {
    for (const words of bothKinds) {
      for (const [letter, what] of [
        ['c', 'ASCII'],
        ['ü', 'two bytes each'],
        ['😀', 'two code units each'],
      ] as const) {
        const full = letter.repeat(128);
        const said = { reference: `comment of ${what}`, comment: full };
        const { reply } = await create(world.api, words, said);
        assert.equal(textAt(reply, `${words.config}/Comment`), full);
        const long = { reference: `long of ${what}`, comment: letter.repeat(129) };
        await bothRefuse(words, long, 400, 'InvalidArgument');
      }
    }
  });

  test('acceptance 10: 127 bytes of caller reference are accepted, 128 are not', async () => {
    for (const words of bothKinds) {
      for (const [fits, over] of [
        ['r'.repeat(127), 'r'.repeat(128)],
        [`${'ü'.repeat(63)}r`, 'ü'.repeat(64)],
      ] as const) {
        const { reply } = await create(world.api, words, { reference: fits });
        assert.equal(textAt(reply, `${words.config}/CallerReference`), fits);
        const refused = await world.api.post(words.path, configXml(words, { reference: over }));
        assertRefused(refused, 400, 'InvalidArgument');
      }
    }
  });

  test('acceptance 10: other texts at and past their bounds', async () => {
    for (const words of bothKinds) {
      await create(world.api, words, {
        reference: 'long texts',
        origin: s3Origin(bucketOf(128)),
        more: logging(bucketOf(128), 'p'.repeat(256)),
      });
      const origin = { reference: 'origin 129', origin: s3Origin(bucketOf(129)) };
      await bothRefuse(words, origin, 400, 'InvalidOrigin');
      const bucket = { reference: 'bucket 129', more: logging(bucketOf(129), '') };
      await bothRefuse(words, bucket, 400, 'InvalidArgument');
      const prefix = { reference: 'prefix 257', more: logging('logs', 'p'.repeat(257)) };
      await bothRefuse(words, prefix, 400, 'InvalidArgument');
    }
    await create(world.api, download, { reference: 'root 255', more: root('r'.repeat(255)) });
    for (const text of ['r'.repeat(256), '/index.html', 'a b', 'ü.html', 'a?b']) {
      const said = { reference: 'root', more: root(text) };
      await bothRefuse(download, said, 400, 'InvalidDefaultRootObject');
    }
    await bothRefuse(download, { reference: 'root', more: root('') }, 400, 'MalformedXML');
  });

  test('acceptance 10: ports, policies and protocols outside of what is accepted', async () => {
    for (const port of ['0', '79', '81', '442', '444', '1023', '65536', 'x', '-80', '']) {
      for (const name of ['HTTPPort', 'HTTPSPort']) {
        await bothRefuse(download, custom(`<${name}>${port}</${name}>`), 400, 'InvalidArgument');
      }
    }
    for (const policy of ['None', 'https-only', '']) {
      await bothRefuse(download, custom('', policy), 400, 'InvalidArgument');
    }
    await bothRefuse(download, protocols('http'), 400, 'InvalidRequiredProtocol');
    await bothRefuse(streaming, protocols('https'), 400, 'MalformedXML');
  });

  test('acceptance 10: what a required element lacks is told by its name', async () => {
    for (const words of bothKinds) {
      const whole = configXml(words, { reference: 'lacks' });
      const member = words.config.replace(/^[A-Z]/, (letter) => letter.toLowerCase());
      for (const [lacking, code, told] of [
        [whole.replace(/<Enabled>.*?<\/Enabled>/, ''), 'MalformedXML', `${member}.enabled`],
        [
          whole.replace(/<CallerReference>.*?<\/CallerReference>/, ''),
          'MalformedXML',
          `${member}.callerReference`,
        ],
        [whole.replace(/<S3Origin>.*?<\/S3Origin>/, ''), 'InvalidOrigin', 'neither'],
        [whole.replace(/<DNSName>.*?<\/DNSName>/, ''), 'MalformedXML', 's3Origin.dnsName'],
        [
          whole.replace('</S3Origin>', `</S3Origin>${s3Origin('twice')}`),
          'MalformedXML',
          'S3Origin',
        ],
        [whole.replace('<Enabled>', '<Unknown/><Enabled>'), 'MalformedXML', 'Unknown'],
        [whole.replace('<S3Origin>', '<Origin>x</Origin><S3Origin>'), 'InvalidOrigin', 'Origin'],
      ] as const) {
        const reply = await world.api.post(words.path, lacking);
        assertRefused(reply, 400, code);
        assert(textAt(reply, 'Error/Message').includes(told), reply.body);
      }
      const custom = whole.replace(
        /<S3Origin>.*?<\/S3Origin>/,
        customOrigin('www.example.com').replace(
          /<OriginProtocolPolicy>.*?<\/OriginProtocolPolicy>/,
          '',
        ),
      );
      const reply = await world.api.post(words.path, custom);
      assertRefused(reply, 400, words.kind === 'download' ? 'MalformedXML' : 'InvalidOrigin');
      if (words.kind === 'download') {
        assert(reply.body.includes('distributionConfig.customOrigin.originProtocolPolicy'));
      }
      const turned = words.kind === 'download' ? streaming : download;
      const otherRoot = configXml(turned, { reference: 'root' });
      assertRefused(await world.api.post(words.path, otherRoot), 400, 'MalformedXML');
    }
  });

  test('acceptance 10: a name belongs to one distribution of all accounts and both kinds', async () => {
    const stranger = world.as(other);
    for (const words of bothKinds) {
      const name = `one-owner-${words.letter}.example.com`;
      const { path } = await create(world.api, words, { reference: 'owner', cnames: [name] });
      for (const caller of [world.api, stranger]) {
        for (const taker of bothKinds) {
          for (const spelled of [name, name.toUpperCase()]) {
            const said = { reference: 'taker', cnames: ['free.example.com', spelled] };
            const reply = await caller.post(taker.path, configXml(taker, said));
            assertRefused(reply, 409, 'CNAMEAlreadyExists');
          }
          const without = await create(caller, taker, { reference: `taker ${words.kind}` });
          const body = configXml(taker, { reference: `taker ${words.kind}`, cnames: [name] });
          const put = await caller.put(`${without.path}/config`, without.etag, body);
          assertRefused(put, 409, 'CNAMEAlreadyExists');
        }
      }
      // Its owner keeps it in updates, and it is free again once the owner is gone.
      const config = await world.api.get(`${path}/config`);
      assertStatus(await world.api.put(`${path}/config`, etagOf(config), config.body), 200);
      await remove(world.api, path);
      const turned = words.kind === 'download' ? streaming : download;
      await create(stranger, turned, { reference: `heir of ${name}`, cnames: [name] });
    }
  });

  test('acceptance 10: what is no name of a host, or one of our own, is refused as CNAME', async () => {
    for (const words of bothKinds) {
      for (const cname of [
        'http://example.com',
        'example.com/path',
        'example.com:80',
        'a..example.com',
        '-a.example.com',
        '*.example.com',
        'bücher.example.com',
        '192.0.2.1',
        `${'l'.repeat(64)}.example.com`,
        'x.cloudfront.localhost',
      ]) {
        await bothRefuse(words, { reference: 'cname', cnames: [cname] }, 400, 'InvalidArgument');
      }
      await bothRefuse(words, { reference: 'cname', cnames: [''] }, 400, 'MalformedXML');
    }
  });

  test('acceptance 10: the 101st distribution of a kind is one too many, in each account', async () => {
    const stranger = world.as(other);
    for (const words of bothKinds) {
      const first = await create(world.api, words, { reference: 'hundred 0' });
      let total = allTexts(await world.api.get(words.path), words.summary, 'Id').length;
      for (let turn = total; total < 100; turn += 1) {
        await create(world.api, words, { reference: `hundred ${turn}` });
        total += 1;
      }
      const list = documentOf(await world.api.get(words.path));
      assert.equal(find(list, 'IsTruncated')?.text, 'false');
      assert.equal(list.children.filter(({ name }) => name === words.summary).length, 100);
      const more = configXml(words, { reference: 'one too many' });
      assertRefused(await world.api.post(words.path, more), 400, words.tooMany);
      // A replay is no new one, and another account has a limit of its own.
      assert.equal((await create(world.api, words, { reference: 'hundred 0' })).id, first.id);
      await create(stranger, words, { reference: 'one too many' });
      await remove(world.api, first.path);
      assertStatus(await world.api.post(words.path, more), 201);
      assertRefused(
        await world.api.post(words.path, configXml(words, { reference: 'again too many' })),
        400,
        words.tooMany,
      );
    }
    assert.notEqual(owner.accountId, other.accountId);
  });
});

function names(count: number, letter: string): readonly string[] {
  return Array.from({ length: count }, (_, turn) => `${letter}${turn}.limit.example.com`);
}

function trusted(accounts: readonly string[]): string {
  const numbers = accounts.map((one) => `<AwsAccountNumber>${one}</AwsAccountNumber>`);
  return `<TrustedSigners><Self/>${numbers.join('')}</TrustedSigners>`;
}

/** The name of a bucket whose host name has that many characters. */
function bucketOf(length: number): string {
  return 'b'.repeat(length - '.s3.amazonaws.com'.length);
}

function logging(bucket: string, prefix: string): string {
  return `<Logging><Bucket>${bucket}.s3.amazonaws.com</Bucket><Prefix>${prefix}</Prefix></Logging>`;
}

function root(text: string): string {
  return `<DefaultRootObject>${text}</DefaultRootObject>`;
}

function custom(ports: string, policy = 'match-viewer'): Said {
  return { reference: 'custom', origin: customOrigin('www.example.com', ports, policy) };
}

function protocols(text: string): Said {
  const more = `<RequiredProtocols><Protocol>${text}</Protocol></RequiredProtocols>`;
  return { reference: 'protocols', more };
}
