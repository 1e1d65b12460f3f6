/** A key-value store as a whole: described, its items listed, many of them written at once. */
import type { KeyValue } from '../../model/key-values/key-value.ts';
import { invalidArgument } from '../../model/resources/invalid-argument.ts';
import { operation } from '../operation.ts';
import { jsonBody, readJsonObject } from '../private/json-form.ts';
import { bodyBytesMax, sizes, storeIdOf, textAt, written } from './asking.ts';

const itemsDefault = 10;
const itemsMax = 50;
const msPerS = 1_000;

export const describeStore = operation({
  name: 'DescribeKeyValueStore',
  method: 'GET',
  path: '/key-value-stores/{KvsARN}',
  async answer(asked, { control }) {
    const { account } = asked;
    const KvsARN = asked.param('KvsARN');
    const view = await control.findKeyValues(account, storeIdOf(account, KvsARN));
    const { config, createdAt } = view.store;
    return {
      status: 200,
      headers: { ETag: config.content.etag },
      body: jsonBody({
        ...sizes(view),
        KvsARN,
        Created: createdAt / msPerS,
        LastModified: config.content.modifiedAt / msPerS,
        Status: 'READY',
      }),
    };
  },
});

export const listKeys = operation({
  name: 'ListKeys',
  method: 'GET',
  path: '/key-value-stores/{KvsARN}/keys',
  async answer(asked, { control }) {
    const { account, query } = asked;
    const { items } = await control.findKeyValues(
      account,
      storeIdOf(account, asked.param('KvsARN')),
    );
    const max = readMax(query.get('MaxResults'));
    const after = readToken(query.get('NextToken'));
    const rest = after === undefined ? items : items.filter(({ key }) => key > after);
    const page = rest.slice(0, max);
    const last = page.at(-1);
    return {
      status: 200,
      body: jsonBody({
        Items: page.map(({ key, value }) => ({ Key: key, Value: value })),
        NextToken:
          rest.length > page.length && last !== undefined ? tokenAfter(last.key) : undefined,
      }),
    };
  },
});

export const updateKeys = operation({
  name: 'UpdateKeys',
  method: 'POST',
  path: '/key-value-stores/{KvsARN}/keys',
  bodyBytesMax,
  bodyForm: 'json',
  async answer(asked, { control }) {
    const { account, ifMatch } = asked;
    const store = storeIdOf(account, asked.param('KvsARN'));
    const { Deletes = [], Puts = [] } = readJsonObject(asked.body());
    const puts = readList('Puts', Puts).map(readItem);
    const deletes = readList('Deletes', Deletes).map((one) => textAt(one, 'Key'));
    return written(await control.writeKeyValues({ account, store, ifMatch, puts, deletes }));
  },
});

function readItem(fields: Readonly<Record<string, unknown>>): KeyValue {
  return { key: textAt(fields, 'Key'), value: textAt(fields, 'Value') };
}

function readList(name: string, given: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(given)) return invalidArgument(name, 'it is a list.');
  return given.map((one: unknown) => {
    if (typeof one !== 'object' || one === null) return invalidArgument(name, 'it lists objects.');
    return Object.fromEntries(Object.entries(one));
  });
}

function readMax(given: string | null): number {
  if (given === null) return itemsDefault;
  const max = /^\d{1,4}$/.test(given) ? Number(given) : 0;
  if (max >= 1 && max <= itemsMax) return max;
  return invalidArgument('MaxResults', `it is a number from 1 to ${itemsMax}.`);
}

/** Where a page begins is the key before it, so keys may come and go meanwhile. */
function tokenAfter(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function readToken(given: string | null): string | undefined {
  if (given === null) return undefined;
  if (/^[\w-]{1,1024}$/.test(given)) return Buffer.from(given, 'base64url').toString();
  return invalidArgument('NextToken', 'it is none that a page before had.');
}
