/** Reset: deletes everything of every account at once, so that tests can begin anew on one server. */
import { Refusal } from '../../model/refusal.ts';
import { operation } from '../operation.ts';
import { jsonBody } from './json-form.ts';

export const reset = operation({
  name: 'Reset',
  method: 'POST',
  path: '/_warmfront/reset',
  async answer(_, { allowReset, control }) {
    if (!allowReset) {
      const why = 'a reset deletes everything; start the server with --memory or --allow-reset.';
      throw new Refusal('AccessDenied', { why });
    }
    await control.reset();
    return { status: 200, body: jsonBody({ status: 'reset' }) };
  },
});
