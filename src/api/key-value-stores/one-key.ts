/** One item of a key-value store: read, put, deleted. */
import { Refusal } from '../../model/refusal.ts';
import { operation } from '../operation.ts';
import { jsonBody, readJsonObject } from '../private/json-form.ts';
import { bodyBytesMax, sizes, storeIdOf, textAt, written } from './asking.ts';

const path = '/key-value-stores/{KvsARN}/keys/{Key}';

export const getKey = operation({
  name: 'GetKey',
  method: 'GET',
  path,
  async answer(asked, { control }) {
    const { account } = asked;
    const view = await control.findKeyValues(account, storeIdOf(account, asked.param('KvsARN')));
    const Key = asked.param('Key');
    const item = view.items.find(({ key }) => key === Key);
    if (item === undefined) throw new Refusal('EntityNotFound', { said: 'key', id: Key });
    return { status: 200, body: jsonBody({ Key, Value: item.value, ...sizes(view) }) };
  },
});

export const putKey = operation({
  name: 'PutKey',
  method: 'PUT',
  path,
  bodyBytesMax,
  bodyForm: 'json',
  async answer(asked, { control }) {
    const { account, ifMatch } = asked;
    const store = storeIdOf(account, asked.param('KvsARN'));
    const value = textAt(readJsonObject(asked.body()), 'Value');
    const puts = [{ key: asked.param('Key'), value }];
    return written(await control.writeKeyValues({ account, store, ifMatch, puts, deletes: [] }));
  },
});

export const deleteKey = operation({
  name: 'DeleteKey',
  method: 'DELETE',
  path,
  async answer(asked, { control }) {
    const { account, ifMatch } = asked;
    const store = storeIdOf(account, asked.param('KvsARN'));
    const deletes = [asked.param('Key')];
    return written(await control.writeKeyValues({ account, store, ifMatch, puts: [], deletes }));
  },
});
