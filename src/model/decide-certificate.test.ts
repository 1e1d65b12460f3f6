import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandomness } from '../../test/harness/seeded-randomness.ts';
import { instant } from '../base/clock.ts';
import { revision, writeId } from '../base/log-record.ts';
import { Catalog } from './catalog.ts';
import { type CertificateFacts, coversName, isValidAt } from './certificate.ts';
import {
  decideDeleteCertificate,
  decideImportCertificate,
  requireCertificate,
} from './decide-certificate.ts';
import { decideReset } from './decide-edge.ts';
import type { Decision, Facts } from './decision.ts';
import { accountId, createMint } from './ids.ts';
import { createLimits } from './limits.ts';
import { Refusal, type RefusalCode } from './refusal.ts';

const account = accountId('000000000000');
const other = accountId('111111111111');

function world(limits = createLimits()) {
  const catalog = new Catalog();
  const facts: Facts = {
    now: instant(1_000),
    call: 'UpdateDistribution',
    mint: createMint(new SeededRandomness(7)),
    limits,
    domain: 'cloudfront.localhost',
    accounts: new Set(),
    deployed: () => true,
  };
  let position = 0;
  return {
    catalog,
    facts,
    does: <Answer>({ answer, changes }: Decision<Answer>): Answer => {
      position += 1;
      const at = revision(position);
      catalog.apply({ revision: at, writeId: writeId(new Uint8Array(16)), changes });
      return answer;
    },
  };
}

function certificate(mark: string): CertificateFacts {
  return {
    names: ['www.example.com'],
    chain: `PEM ${mark}`,
    keyKind: 'ec',
    fingerprint: mark.repeat(64),
    notBefore: instant(0),
    notAfter: instant(10_000),
  };
}

const sealedKey = { keyId: '0123456789abcdef', box: 'Ym94' };

function refuses(decide: () => unknown, code: RefusalCode): void {
  assert.throws(decide, (error) => error instanceof Refusal && error.code === code);
}

test('an import is stored with an id, and the same certificate again is the same import', () => {
  const { catalog, does, facts } = world();
  const command = { account, certificate: certificate('a'), sealedKey };
  const first = does(decideImportCertificate(catalog, command, facts));
  assert.equal(first.outcome, 'new');
  assert.match(first.id, /^ASCA[0-9A-Z]{17}$/);
  const stored = requireCertificate(catalog, account, first.id).document;
  assert.deepEqual(stored, {
    ...command.certificate,
    format: 1,
    account,
    id: first.id,
    sealedKey,
    createdAt: 1_000,
  });
  const again = decideImportCertificate(catalog, command, facts);
  assert.deepEqual(again, { changes: [], answer: { outcome: 'repeat', id: first.id } });
});

test('a key that was sealed with a lost key is sealed anew by importing again', () => {
  const { catalog, does, facts } = world();
  const command = { account, certificate: certificate('a'), sealedKey };
  const { id } = does(decideImportCertificate(catalog, command, facts));
  const resealed = { keyId: 'fedcba9876543210', box: 'bmV3' };
  const again = does(decideImportCertificate(catalog, { ...command, sealedKey: resealed }, facts));
  assert.deepEqual(again, { outcome: 'repeat', id });
  assert.deepEqual(requireCertificate(catalog, account, id).document.sealedKey, resealed);
  assert.equal(catalog.listCertificates(account).length, 1);
});

test('an account has its own certificates, and no more than its limit', () => {
  const { catalog, does, facts } = world(createLimits({ certificates: 1 }));
  const command = { account, certificate: certificate('a'), sealedKey };
  const { id } = does(decideImportCertificate(catalog, command, facts));
  refuses(
    () => decideImportCertificate(catalog, { ...command, certificate: certificate('b') }, facts),
    'TooManyCertificates',
  );
  // Another account may hold the very same certificate.
  const theirs = does(decideImportCertificate(catalog, { ...command, account: other }, facts));
  assert.notEqual(theirs.id, id);
  refuses(() => requireCertificate(catalog, other, id), 'NoSuchCertificate');
  refuses(() => decideDeleteCertificate(catalog, { account: other, id }), 'NoSuchCertificate');
  does(decideDeleteCertificate(catalog, { account, id }));
  refuses(() => decideDeleteCertificate(catalog, { account, id }), 'NoSuchCertificate');
  assert.equal(catalog.listCertificates(account).length, 0);
  assert.equal(catalog.listCertificates(other).length, 1);
});

test('a reset takes certificates too', () => {
  const { catalog, does, facts } = world();
  does(
    decideImportCertificate(catalog, { account, certificate: certificate('a'), sealedKey }, facts),
  );
  does(decideReset(catalog, 64));
  assert.equal(catalog.listCertificates(account).length, 0);
});

test('a wildcard covers one label exactly', () => {
  const names = ['*.example.com', 'example.org'];
  for (const host of ['www.example.com', 'example.org']) assert(coversName(names, host), host);
  for (const host of ['example.com', 'a.b.example.com', 'www.example.org', 'com', 'xexample.com']) {
    assert(!coversName(names, host), host);
  }
});

test('a certificate is valid from its first instant to the one before its last', () => {
  const { notAfter, notBefore } = certificate('a');
  assert(isValidAt({ notAfter, notBefore }, instant(0)));
  assert(isValidAt({ notAfter, notBefore }, instant(9_999)));
  assert(!isValidAt({ notAfter, notBefore }, instant(10_000)));
  assert(!isValidAt({ notAfter, notBefore: instant(5) }, instant(4)));
});
