/** Settings that later releases will know; until then they are refused, not passed over. */
export const later: Readonly<Record<string, string>> = {
  role: 'running the API and the edges as separate processes',
  join: 'joining edges to an API on another machine',
  'token-file': 'joining edges to an API on another machine',
  'join-cert': 'joining edges to an API on another machine',
  'join-key': 'joining edges to an API on another machine',
  detached: 'what the readiness of a detached edge says',
  dns: 'answering DNS for distributions',
};
