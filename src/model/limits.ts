/** The limits of an account and of a configuration (API 2010-11-01, section 3.4); each is a setting. */
export const limitTable = {
  distributions: { default: 100, meaning: 'download distributions of an account' },
  'streaming-distributions': { default: 100, meaning: 'streaming distributions of an account' },
  'access-identities': { default: 100, meaning: 'origin access identities of an account' },
  'active-key-pairs': { default: 2, meaning: 'active key pairs of an account' },
  certificates: { default: 20, meaning: 'imported certificates of an account' },
  'invalidation-paths': { default: 1_000, meaning: 'paths of one invalidation' },
  'invalidations-in-progress': {
    default: 3,
    meaning: 'invalidations of a distribution that are not completed',
  },
  aliases: { default: 10, meaning: 'CNAMEs of a distribution' },
  'trusted-signers': { default: 5, meaning: 'account numbers that a distribution trusts' },
  'list-page': { default: 100, meaning: 'items on one page of a list' },
  'comment-length': { default: 128, meaning: 'characters of a comment' },
  'origin-name-length': { default: 128, meaning: 'characters of an origin domain name' },
  'log-bucket-length': { default: 128, meaning: 'characters of a log bucket name' },
  'log-prefix-length': { default: 256, meaning: 'characters of a log prefix' },
  'root-object-length': { default: 255, meaning: 'characters of a default root object' },
  'caller-reference-bytes': { default: 127, meaning: 'bytes of a caller reference' },
  'cache-policies': { default: 20, meaning: 'cache policies of an account' },
  'origin-request-policies': { default: 20, meaning: 'origin request policies of an account' },
  'response-headers-policies': { default: 20, meaning: 'response headers policies of an account' },
  'origin-access-controls': { default: 100, meaning: 'origin access controls of an account' },
  'public-keys': { default: 10, meaning: 'public keys of an account' },
  'key-groups': { default: 10, meaning: 'key groups of an account' },
  'public-keys-of-group': { default: 5, meaning: 'public keys of a key group' },
  'policy-names': { default: 10, meaning: 'headers, cookies or query strings that a policy lists' },
  'policy-custom-headers': { default: 10, meaning: 'custom headers of a response headers policy' },
  'policy-removed-headers': {
    default: 10,
    meaning: 'headers that a response headers policy removes',
  },
  'tags-of-resource': { default: 50, meaning: 'tags of one resource' },
} as const satisfies Readonly<Record<string, { default: number; meaning: string }>>;

export type LimitName = keyof typeof limitTable;
export type Limits = Readonly<Record<LimitName, number>>;

/** The table's defaults, but for what `changed` names. */
export function createLimits(changed: Partial<Limits> = {}): Limits {
  return {
    distributions: limitTable.distributions.default,
    'streaming-distributions': limitTable['streaming-distributions'].default,
    'access-identities': limitTable['access-identities'].default,
    'active-key-pairs': limitTable['active-key-pairs'].default,
    certificates: limitTable.certificates.default,
    'invalidation-paths': limitTable['invalidation-paths'].default,
    'invalidations-in-progress': limitTable['invalidations-in-progress'].default,
    aliases: limitTable.aliases.default,
    'trusted-signers': limitTable['trusted-signers'].default,
    'list-page': limitTable['list-page'].default,
    'comment-length': limitTable['comment-length'].default,
    'origin-name-length': limitTable['origin-name-length'].default,
    'log-bucket-length': limitTable['log-bucket-length'].default,
    'log-prefix-length': limitTable['log-prefix-length'].default,
    'root-object-length': limitTable['root-object-length'].default,
    'caller-reference-bytes': limitTable['caller-reference-bytes'].default,
    'cache-policies': limitTable['cache-policies'].default,
    'origin-request-policies': limitTable['origin-request-policies'].default,
    'response-headers-policies': limitTable['response-headers-policies'].default,
    'origin-access-controls': limitTable['origin-access-controls'].default,
    'public-keys': limitTable['public-keys'].default,
    'key-groups': limitTable['key-groups'].default,
    'public-keys-of-group': limitTable['public-keys-of-group'].default,
    'policy-names': limitTable['policy-names'].default,
    'policy-custom-headers': limitTable['policy-custom-headers'].default,
    'policy-removed-headers': limitTable['policy-removed-headers'].default,
    'tags-of-resource': limitTable['tags-of-resource'].default,
    ...changed,
  };
}

export function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(limitTable, name);
}
