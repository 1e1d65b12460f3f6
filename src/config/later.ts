/** Settings that later releases will know; until then they are refused, not passed over. */
export const later: Readonly<Record<string, string>> = {
  'join-cert': 'joining edges by a client certificate',
  'join-key': 'joining edges by a client certificate',
};
