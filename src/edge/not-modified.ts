/** What a 304 carries (edge contract 5.6, rule 27); the rest the viewer has. */
import { type HeaderList, selectHeaders } from '../http/header-list.ts';

const notModifiedFields = new Set([
  'cache-control',
  'content-location',
  'date',
  'etag',
  'expires',
  'server',
  'vary',
]);

export function notModifiedHeaders(headers: HeaderList): HeaderList {
  return selectHeaders(headers, (name) => notModifiedFields.has(name));
}
