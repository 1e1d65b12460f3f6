/**
 * Key pairs of an account, whose private halves sign URLs. CloudFront's API of 2010 had no words for
 * them; they were made on a page of the account. Here only public keys come in. One that the account
 * has already is answered as it stands, so that a create whose answer was lost can be sent again.
 */
import type { KeyPair } from '../../model/key-pair.ts';
import { Refusal } from '../../model/refusal.ts';
import { operation } from '../operation.ts';
import { jsonBody, readJsonObject } from './json-form.ts';
import { readPublicKey } from './public-key.ts';

const importBytesMax = 16_384;

export const listKeyPairs = operation({
  name: 'ListKeyPairs',
  method: 'GET',
  path: '/_warmfront/key-pairs',
  async answer({ account }, { control }) {
    const pairs = await control.listKeyPairs(account);
    return { status: 200, body: jsonBody({ keyPairs: pairs.map(shown) }) };
  },
});

export const importKeyPair = operation({
  name: 'ImportKeyPair',
  method: 'POST',
  path: '/_warmfront/key-pairs',
  bodyBytesMax: importBytesMax,
  bodyForm: 'json',
  async answer(asked, { control }) {
    const publicKey = readImport(asked.body());
    const pair = await control.importKeyPair(asked.account, publicKey);
    return { status: 201, body: jsonBody(shown(pair)) };
  },
});

export const activateKeyPair = operation({
  name: 'ActivateKeyPair',
  method: 'POST',
  path: '/_warmfront/key-pairs/{id}/activate',
  async answer(asked, { control }) {
    const pair = await control.switchKeyPair(asked.account, asked.param('id'), true);
    return { status: 200, body: jsonBody(shown(pair)) };
  },
});

/** What it signed is refused at each edge as soon as the edge has heard of it. */
export const deactivateKeyPair = operation({
  name: 'DeactivateKeyPair',
  method: 'POST',
  path: '/_warmfront/key-pairs/{id}/deactivate',
  async answer(asked, { control }) {
    const pair = await control.switchKeyPair(asked.account, asked.param('id'), false);
    return { status: 200, body: jsonBody(shown(pair)) };
  },
});

export const deleteKeyPair = operation({
  name: 'DeleteKeyPair',
  method: 'DELETE',
  path: '/_warmfront/key-pairs/{id}',
  async answer(asked, { control }) {
    await control.deleteKeyPair(asked.account, asked.param('id'));
    return { status: 204 };
  },
});

/** Nothing but `publicKey`: what is not meant is refused rather than passed over. */
function readImport(bytes: Uint8Array): string {
  const { publicKey, ...others } = readJsonObject(bytes);
  const [other] = Object.keys(others);
  if (other !== undefined) {
    // A name that is none may be anything, a private key too.
    const name = /^\w{1,64}$/.test(other) ? ` ${other}` : '';
    const why = `it has a member${name} that is not known here; it may hold publicKey alone.`;
    throw new Refusal('InvalidArgument', { member: 'The body', why });
  }
  if (typeof publicKey !== 'string') {
    const why = 'a text is needed, the public key in PEM.';
    throw new Refusal('InvalidArgument', { member: 'publicKey', why });
  }
  return readPublicKey(publicKey);
}

function shown({ active, createdAt, id, publicKey }: KeyPair) {
  return { id, active, createdAt: new Date(createdAt).toISOString(), publicKey };
}
