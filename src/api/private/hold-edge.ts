/**
 * Holding an edge back on purpose, so that a test or a rehearsal sees what lags look like: it keeps
 * serving the position it has, and keeps every later change from being `Deployed`.
 */
import { operation } from '../operation.ts';
import { jsonBody } from './json-form.ts';

export const holdEdge = operation({
  name: 'HoldEdge',
  method: 'POST',
  path: '/_warmfront/edges/{name}/hold',
  async answer(asked, { control }) {
    const name = asked.param('name');
    await control.hold(name, true);
    return { status: 200, body: jsonBody({ name, held: true }) };
  },
});

export const releaseEdge = operation({
  name: 'ReleaseEdge',
  method: 'POST',
  path: '/_warmfront/edges/{name}/release',
  async answer(asked, { control }) {
    const name = asked.param('name');
    await control.hold(name, false);
    return { status: 200, body: jsonBody({ name, held: false }) };
  },
});
