/** Settings that later releases will know; until then they are refused, not passed over. */
export const later: Readonly<Record<string, string>> = {
  role: 'running the API and the edges as separate processes',
  join: 'joining edges to an API on another machine',
  'token-file': 'joining edges to an API on another machine',
  'join-cert': 'joining edges to an API on another machine',
  'join-key': 'joining edges to an API on another machine',
  log: 'keeping the log in etcd',
  'log-ca': 'keeping the log in etcd',
  'log-cert': 'keeping the log in etcd',
  'log-key': 'keeping the log in etcd',
  'log-quota': 'keeping the log in etcd',
  detached: 'what the readiness of a detached edge says',
  dns: 'answering DNS for distributions',
};
