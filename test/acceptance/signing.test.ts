/** Acceptance list of API 2010-11-01 (section 6), points 1 to 3: signatures, dates, forms of requests. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import {
  assertRefused,
  assertStatus,
  find,
  documentOf,
  signatureOf,
  signed,
  textAt,
} from '../harness/api-caller.ts';
import { bothKinds, configXml, namespace, s3Origin } from '../harness/kinds.ts';
import { exchangeRaw } from '../harness/raw-http.ts';
import { AcceptanceWorld, owner, vector } from './world.ts';

const minuteMs = 60_000;
const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** One instant in each form that section 1.6 accepts. */
function dateForms(at: Date): Readonly<Record<string, string>> {
  const rfc1123 = at.toUTCString();
  const [, day = '', date = '', month = '', year = '', time = ''] =
    /^(\w+), (\d+) (\w+) (\d+) (\S+) GMT$/.exec(rfc1123) ?? [];
  const eastern = new Date(at.getTime() - 5 * 60 * minuteMs);
  return {
    'RFC 1123 in GMT': rfc1123,
    'a numeric zone of zero': rfc1123.replace('GMT', '+0000'),
    'another zone': eastern.toUTCString().replace('GMT', '-0500'),
    'RFC 850': `${dayNames[at.getUTCDay()]}, ${date}-${month}-${year.slice(2)} ${time} GMT`,
    asctime: `${day} ${month} ${date.replace(/^0/, ' ')} ${time} ${year}`,
  };
}

suite('acceptance: requests', () => {
  let world: AcceptanceWorld;

  before(async () => {
    world = await AcceptanceWorld.start();
  });

  after(() => world.stop());

  test('acceptance 1: the check vectors of the signature hold, in both forms of the date', async () => {
    for (const [dateText, signature] of [
      ['Thu, 19 Nov 2009 19:37:58 GMT', '+fQKmv5nfpJLgEbMt7kSRjSgcM0='],
      ['Thu, 19 Nov 2009 19:37:58 +0000', 'X5IyRqHCIW/PRO1LGdCJDQDqGS8='],
    ] as const) {
      assert.equal(signatureOf(vector.secretAccessKey, dateText), signature);
      const authorization = `AWS ${vector.accessKeyId}:${signature}`;
      const [words] = bothKinds;
      const right = await world.api.get(words.path, { headers: { date: dateText, authorization } });
      // The signature is checked before the age of the date, so this is what a right one gives.
      assertRefused(right, 400, 'RequestExpired');
      const wrong = await world.api.get(words.path, {
        headers: { date: dateText, authorization: authorization.replace(/=$/, 'A') },
      });
      assertRefused(wrong, 403, 'SignatureDoesNotMatch');
    }
  });

  test('acceptance 1: each form of the date is signed as it stands', async () => {
    for (const { path } of bothKinds) {
      for (const [form, dateText] of Object.entries(dateForms(new Date()))) {
        const reply = await world.api.get(path, { headers: signed(owner, dateText) });
        assert.equal(reply.status, 200, `${form}: ${dateText}: ${reply.body}`);
        const { authorization } = signed(owner, dateText);
        const amazon = { date: undefined, 'x-amz-date': dateText, authorization };
        assertStatus(await world.api.get(path, { headers: amazon }), 200);
      }
    }
  });

  test('acceptance 1: x-amz-date wins over a different Date, also as what is signed', async () => {
    const now = new Date().toUTCString();
    const { authorization } = signed(owner, now);
    for (const { path } of bothKinds) {
      for (const date of ['Thu, 19 Nov 2009 19:37:58 GMT', 'no date at all']) {
        const headers = { date, 'x-amz-date': now, authorization };
        assertStatus(await world.api.get(path, { headers }), 200);
        const turned = { date: now, 'x-amz-date': date, authorization };
        const reply = await world.api.get(path, { headers: turned });
        if (date.startsWith('no')) assertRefused(reply, 403, 'AccessDenied');
        else assertRefused(reply, 403, 'SignatureDoesNotMatch');
      }
    }
  });

  test('acceptance 1: a change of the body does not matter to the signature', async () => {
    const headers = signed(owner);
    for (const words of bothKinds) {
      for (const reference of ['one body', 'another body']) {
        const body = configXml(words, { reference });
        assertStatus(await world.api.post(words.path, body, { headers }), 201);
      }
    }
  });

  test('acceptance 2: a date 16 minutes off is expired, one 14 minutes off is not', async () => {
    for (const { path } of bothKinds) {
      for (const sign of [-1, 1]) {
        const off = (minutes: number) =>
          signed(owner, new Date(Date.now() + sign * minutes * minuteMs).toUTCString());
        assertRefused(await world.api.get(path, { headers: off(16) }), 400, 'RequestExpired');
        assertStatus(await world.api.get(path, { headers: off(14) }), 200);
      }
    }
  });

  test('acceptance 2: a wrong secret and an unknown key id are 403', async () => {
    for (const { path } of bothKinds) {
      const wrong = signed({ ...owner, secretAccessKey: 'not the secret' });
      assertRefused(await world.api.get(path, { headers: wrong }), 403, 'SignatureDoesNotMatch');
      const unknown = signed({ ...owner, accessKeyId: 'AKIDNOBODY' });
      assertRefused(await world.api.get(path, { headers: unknown }), 403, 'InvalidClientTokenId');
    }
  });

  test('acceptance 2: another form of Authorization is 400, none at all is 403', async () => {
    const { date } = signed(owner);
    for (const { path } of bothKinds) {
      for (const authorization of [
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20101101/us-east-1/cloudfront/aws4_request, SignedHeaders=host, Signature=abc',
        'AWS3-HTTPS AWSAccessKeyId=AKIDEXAMPLE,Algorithm=HmacSHA1,Signature=abc=',
        'Basic QUtJREVYQU1QTEU6d0phbHJTRUNSRVQ=',
        'AWS AKIDEXAMPLE',
        'AWS',
      ]) {
        const reply = await world.api.get(path, { headers: { date, authorization } });
        assertRefused(reply, 400, 'InvalidHttpAuthHeader');
      }
      const bare = await world.api.get(path, { headers: { authorization: undefined } });
      assertRefused(bare, 403, 'MissingAuthenticationToken');
      const dateless = await world.api.get(path, { headers: { date: undefined } });
      assertRefused(dateless, 403, 'AccessDenied');
    }
  });

  test('acceptance 3: runs of slashes are one, and a slash at the end is none', async () => {
    for (const words of bothKinds) {
      const created = await world.api.post(
        words.path.replace('11-01/', '11-01//'),
        configXml(words, { reference: 'slashes' }),
      );
      assertStatus(created, 201);
      const id = textAt(created, 'Id');
      for (const path of [
        `${words.path}/${id}`.replace('11-01/', '11-01//'),
        `//${words.path}///${id}/`,
        `${words.path}/${id}//config/`,
        `${words.path}/`,
      ]) {
        assertStatus(await world.api.get(path), 200);
      }
    }
  });

  test('acceptance 3: an absolute target, and a Host without a port or of another name', async () => {
    const { authorization, date } = signed(owner);
    for (const { list, path } of bothKinds) {
      for (const [target, host] of [
        [`http://127.0.0.1:${world.port}${path}`, `127.0.0.1:${world.port}`],
        [`http://cloudfront.amazonaws.com${path}`, 'cloudfront.amazonaws.com'],
        [`https://cloudfront.amazonaws.com:443/${path}?MaxItems=5`, '127.0.0.1'],
        [path, '127.0.0.1'],
        [path, 'cloudfront.amazonaws.com'],
      ]) {
        const answer = await exchangeRaw(
          world.port,
          `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nDate: ${date}\r\nAuthorization: ${authorization}\r\nContent-Length: 0\r\n\r\n`,
        );
        assert.match(answer, /^HTTP\/1\.1 200 /, `${target} ${host}`);
        assert.match(answer, new RegExp(`<${list} `));
      }
    }
  });

  test('acceptance 3: a foreign namespace, none at all, and no declaration', async () => {
    for (const words of bothKinds) {
      const ours = configXml(words, { reference: 'namespaces' });
      const first = await world.api.post(words.path, ours);
      assertStatus(first, 201);
      const withNamespace = (to: string) => ours.replace(` xmlns="${namespace}"`, to);
      for (const body of [
        ours.replace('2010-11-01/"', '2010-07-15/"'),
        withNamespace(''),
        withNamespace(' xmlns="urn:something-else"'),
        withNamespace('').replace('<?xml version="1.0"?>\n', ''),
        ours.replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-8"?>'),
        prefixed(ours),
      ]) {
        const reply = await world.api.post(words.path, body);
        assertStatus(reply, 201);
        assert.equal(textAt(reply, 'Id'), textAt(first, 'Id'), 'all of them say the same');
        assert(
          reply.body.startsWith(`<?xml version="1.0"?>\n<${words.root} xmlns="${namespace}">`),
        );
      }
    }
  });

  test('acceptance 3: children in any order at every level, with any white space', async () => {
    for (const words of bothKinds) {
      const children = [
        s3Origin('pics'),
        '<CallerReference>order</CallerReference>',
        '<CNAME>order.example.com</CNAME>',
        '<Comment>in any order</Comment>',
        '<Enabled>true</Enabled>',
        '<Logging><Bucket>logs.s3.amazonaws.com</Bucket><Prefix>p/</Prefix></Logging>',
        `<TrustedSigners><Self/><AwsAccountNumber>${owner.accountId}</AwsAccountNumber></TrustedSigners>`,
      ].map((child) => (words.kind === 'download' ? child : child.replace('order.', 'order-s.')));
      let id: string | undefined;
      for (let turn = 0; turn < children.length * 2; turn += 1) {
        const turned = [...children.slice(turn % 7), ...children.slice(0, turn % 7)];
        const inOrder = turn < children.length ? turned : turned.map(swapped).toReversed();
        const between = turn % 2 === 0 ? '' : '\r\n\t  ';
        const body = `<${words.config}>${between}${inOrder.join(between)}${between}</${words.config}>`;
        const reply = await world.api.post(words.path, body);
        assertStatus(reply, 201);
        id ??= textAt(reply, 'Id');
        assert.equal(textAt(reply, 'Id'), id);
      }
      const config = documentOf(await world.api.get(`${words.path}/${id}/config`));
      const names = config.children.map(({ name }) => name);
      assert.deepEqual(names, [
        'S3Origin',
        'CallerReference',
        'CNAME',
        'Comment',
        'Enabled',
        'Logging',
        'TrustedSigners',
      ]);
    }
  });

  test('acceptance 3: values are trimmed, names in lower case, booleans also as 1 and 0', async () => {
    for (const words of bothKinds) {
      const said = {
        reference: '\n  trimmed\n',
        origin: '<S3Origin><DNSName>\n pics.s3.amazonaws.com\n</DNSName></S3Origin>',
        cnames: [` ${words.letter}.TRIMMED.Example.COM `],
        comment: '\t two  words ',
      };
      const body = configXml(words, said).replace('>true<', '> 1 <');
      const reply = await world.api.post(words.path, body);
      assertStatus(reply, 201);
      const config = find(documentOf(reply), words.config);
      assert(config !== undefined);
      assert.equal(find(config, 'CallerReference')?.text, 'trimmed');
      assert.equal(find(config, 'S3Origin/DNSName')?.text, 'pics.s3.amazonaws.com');
      assert.equal(find(config, 'CNAME')?.text, `${words.letter}.trimmed.example.com`);
      assert.equal(find(config, 'Comment')?.text, 'two  words');
      assert.equal(find(config, 'Enabled')?.text, 'true');
    }
  });

  test('acceptance 3: any Content-Type or none, and Content-Length: 0 on GET', async () => {
    for (const words of bothKinds) {
      const body = configXml(words, { reference: 'types' });
      for (const type of ['text/plain', 'application/xml', 'application/x-anything', undefined]) {
        const headers = { 'content-type': type };
        assertStatus(await world.api.post(words.path, body, { headers }), 201);
      }
      const headers = { 'content-length': '0', 'content-type': 'text/xml' };
      assertStatus(await world.api.get(words.path, { headers }), 200);
    }
  });

  test('acceptance 3: header names in any case, a body in chunks', async () => {
    const { authorization, date } = signed(owner);
    for (const words of bothKinds) {
      const body = configXml(words, { reference: 'chunks' });
      const middle = Math.floor(body.length / 2);
      const chunks = [body.slice(0, middle), body.slice(middle), '']
        .map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`)
        .join('');
      const answer = await exchangeRaw(
        world.port,
        `POST ${words.path} HTTP/1.1\r\nhost: x\r\nDATE: ${date}\r\nauthorization: ${authorization}\r\ntransfer-ENCODING: chunked\r\n\r\n${chunks}`,
      );
      assert.match(answer, /^HTTP\/1\.1 201 /);
    }
  });
});

/** The two children of an element that has exactly two without attributes. */
function swapped(xml: string): string {
  return xml.replace(
    /^<(\w+)>(<(\w+)>.*?<\/\3>|<\w+\/>)(<(\w+)>.*?<\/\5>)<\/\1>$/,
    '<$1>$4$2</$1>',
  );
}

/** The same document with a prefix on every element. */
function prefixed(xml: string): string {
  return xml.replace('xmlns=', 'xmlns:cf=').replace(/<(\/?)(?=\w)/g, '<$1cf:');
}
