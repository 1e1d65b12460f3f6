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
  'invalidation-paths-in-progress': {
    default: 3_000,
    meaning:
      'paths of invalidations of a distribution that are not completed, since API 2020-05-31',
  },
  'invalidation-wildcards-in-progress': {
    default: 15,
    meaning: 'those of them that end with *',
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
  functions: { default: 100, meaning: 'functions of an account' },
  'function-bytes': { default: 10240, meaning: 'bytes of the code of a function' },
  'key-value-stores': { default: 200, meaning: 'key-value stores of an account' },
  'key-value-store-bytes': {
    default: 5242880,
    meaning: 'bytes of all keys and values of a key-value store',
  },
  'realtime-log-configs': { default: 150, meaning: 'real-time log configurations of an account' },
  'continuous-deployment-policies': {
    default: 20,
    meaning: 'continuous deployment policies of an account',
  },
  'vpc-origins': { default: 25, meaning: 'VPC origins of an account' },
  'field-encryption-configs': {
    default: 10,
    meaning: 'configurations of field-level encryption of an account',
  },
  'field-encryption-profiles': {
    default: 10,
    meaning: 'profiles of field-level encryption of an account',
  },
  'field-encryption-entities': {
    default: 1,
    meaning: 'keys of a profile of field-level encryption',
  },
  'field-encryption-fields': {
    default: 10,
    meaning: 'field patterns of a profile of field-level encryption',
  },
  'field-encryption-mappings': {
    default: 5,
    meaning: 'query arguments or content types that a configuration of field-level encryption maps',
  },
  'anycast-ip-lists': { default: 25, meaning: 'lists of static addresses of an account' },
  'trust-stores': { default: 20, meaning: 'trust stores of an account' },
  'connection-groups': { default: 100, meaning: 'connection groups of an account' },
  'connection-functions': { default: 100, meaning: 'connection functions of an account' },
  'resource-policies': { default: 100, meaning: 'resource policies of an account' },
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
    'invalidation-paths-in-progress': limitTable['invalidation-paths-in-progress'].default,
    'invalidation-wildcards-in-progress': limitTable['invalidation-wildcards-in-progress'].default,
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
    functions: limitTable.functions.default,
    'function-bytes': limitTable['function-bytes'].default,
    'key-value-stores': limitTable['key-value-stores'].default,
    'key-value-store-bytes': limitTable['key-value-store-bytes'].default,
    'realtime-log-configs': limitTable['realtime-log-configs'].default,
    'continuous-deployment-policies': limitTable['continuous-deployment-policies'].default,
    'vpc-origins': limitTable['vpc-origins'].default,
    'field-encryption-configs': limitTable['field-encryption-configs'].default,
    'field-encryption-profiles': limitTable['field-encryption-profiles'].default,
    'field-encryption-entities': limitTable['field-encryption-entities'].default,
    'field-encryption-fields': limitTable['field-encryption-fields'].default,
    'field-encryption-mappings': limitTable['field-encryption-mappings'].default,
    'anycast-ip-lists': limitTable['anycast-ip-lists'].default,
    'trust-stores': limitTable['trust-stores'].default,
    'connection-groups': limitTable['connection-groups'].default,
    'connection-functions': limitTable['connection-functions'].default,
    'resource-policies': limitTable['resource-policies'].default,
    'tags-of-resource': limitTable['tags-of-resource'].default,
    ...changed,
  };
}

export function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(limitTable, name);
}
