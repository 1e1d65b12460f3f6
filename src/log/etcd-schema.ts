/**
 * What we say to etcd: the messages of its API (v3, package `etcdserverpb`) that are used, with the
 * fields of them that are used. Fields are known by their numbers on the wire; a server's other
 * ones are passed over. It is written as data rather than as a `.proto` file, so that what is
 * published needs no file beside its code. docs/decisions/0022
 */
import { fromJSON, type MethodDefinition, type PackageDefinition } from '@grpc/proto-loader';

/** 64-bit numbers are text: ids of leases and clusters pass 2^53. */
export type Int64 = string;

export type Header = { readonly cluster_id: Int64; readonly revision: Int64 };

export type KeyValue = {
  readonly key: Buffer;
  readonly mod_revision: Int64;
  readonly value: Buffer;
  readonly lease: Int64;
};

export type RangeRequest = {
  readonly key: Uint8Array;
  readonly range_end?: Uint8Array;
  readonly limit?: number;
  /** As it stood then; left out: now. */
  readonly revision?: Int64;
  readonly min_mod_revision?: Int64;
  readonly keys_only?: boolean;
};
export type RangeResponse = {
  readonly header: Header;
  readonly kvs: readonly KeyValue[];
  readonly more: boolean;
};

export type PutRequest = {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly lease?: Int64;
};
export type DeleteRangeRequest = { readonly key: Uint8Array; readonly range_end?: Uint8Array };
export type DeleteRangeResponse = { readonly deleted: Int64 };

export type RequestOp =
  | { readonly request_range: RangeRequest }
  | { readonly request_put: PutRequest }
  | { readonly request_delete_range: DeleteRangeRequest };
export type ResponseOp = {
  readonly response_range?: RangeResponse;
  readonly response_delete_range?: DeleteRangeResponse;
};

/** That a key holds exactly this value; or was last written then, 0 for a key that is not there. */
export type Compare = { readonly result: 'EQUAL'; readonly key: Uint8Array } & (
  | { readonly target: 'VALUE'; readonly value: Uint8Array }
  | { readonly target: 'MOD'; readonly mod_revision: Int64 }
);

export type TxnRequest = {
  readonly compare: readonly Compare[];
  readonly success: readonly RequestOp[];
  readonly failure: readonly RequestOp[];
};
export type TxnResponse = {
  readonly header: Header;
  readonly succeeded: boolean;
  readonly responses: readonly ResponseOp[];
};

export type CompactionRequest = { readonly revision: Int64 };
export type CompactionResponse = { readonly header: Header };

export type WatchRequest = {
  readonly create_request: {
    readonly key: Uint8Array;
    readonly range_end: Uint8Array;
    readonly start_revision: Int64;
    readonly fragment: boolean;
  };
};
export type WatchResponse = {
  readonly header: Header;
  readonly created: boolean;
  readonly canceled: boolean;
  readonly compact_revision: Int64;
  readonly cancel_reason: string;
  readonly fragment: boolean;
  readonly events: readonly { readonly type: 'PUT' | 'DELETE'; readonly kv: KeyValue }[];
};

export type LeaseGrantRequest = { readonly TTL: number };
export type LeaseGrantResponse = { readonly ID: Int64; readonly TTL: Int64 };
export type LeaseRevokeRequest = { readonly ID: Int64 };
export type LeaseRevokeResponse = { readonly header: Header };
export type LeaseKeepAliveRequest = { readonly ID: Int64 };
export type LeaseKeepAliveResponse = { readonly ID: Int64; readonly TTL: Int64 };

export type StatusRequest = Readonly<Record<string, never>>;
export type StatusResponse = {
  readonly header: Header;
  readonly version: string;
  readonly dbSize: Int64;
  readonly dbSizeInUse: Int64;
  readonly errors: readonly string[];
};

type Field = readonly [id: number, type: string, rule?: 'repeated'];

function message(fields: Readonly<Record<string, Field>>, oneof?: readonly string[]) {
  return {
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, [id, type, rule]]) => [
        name,
        rule === undefined ? { id, type } : { id, type, rule },
      ]),
    ),
    ...(oneof === undefined ? {} : { oneofs: { one: { oneof: [...oneof] } } }),
  };
}

const headed: Readonly<Record<string, Field>> = { header: [1, 'ResponseHeader'] };

const messages = {
  ResponseHeader: message({ cluster_id: [1, 'uint64'], revision: [3, 'int64'] }),
  KeyValue: message({
    key: [1, 'bytes'],
    mod_revision: [3, 'int64'],
    value: [5, 'bytes'],
    lease: [6, 'int64'],
  }),
  Event: message({ type: [1, 'EventType'], kv: [2, 'KeyValue'] }),
  EventType: { values: { PUT: 0, DELETE: 1 } },
  RangeRequest: message({
    key: [1, 'bytes'],
    range_end: [2, 'bytes'],
    limit: [3, 'int64'],
    revision: [4, 'int64'],
    keys_only: [8, 'bool'],
    min_mod_revision: [10, 'int64'],
  }),
  RangeResponse: message({ ...headed, kvs: [2, 'KeyValue', 'repeated'], more: [3, 'bool'] }),
  PutRequest: message({ key: [1, 'bytes'], value: [2, 'bytes'], lease: [3, 'int64'] }),
  PutResponse: message(headed),
  DeleteRangeRequest: message({ key: [1, 'bytes'], range_end: [2, 'bytes'] }),
  DeleteRangeResponse: message({ ...headed, deleted: [2, 'int64'] }),
  RequestOp: message(
    {
      request_range: [1, 'RangeRequest'],
      request_put: [2, 'PutRequest'],
      request_delete_range: [3, 'DeleteRangeRequest'],
    },
    ['request_range', 'request_put', 'request_delete_range'],
  ),
  ResponseOp: message(
    {
      response_range: [1, 'RangeResponse'],
      response_put: [2, 'PutResponse'],
      response_delete_range: [3, 'DeleteRangeResponse'],
    },
    ['response_range', 'response_put', 'response_delete_range'],
  ),
  Compare: message(
    {
      result: [1, 'CompareResult'],
      target: [2, 'CompareTarget'],
      key: [3, 'bytes'],
      mod_revision: [6, 'int64'],
      value: [7, 'bytes'],
    },
    ['mod_revision', 'value'],
  ),
  CompareResult: { values: { EQUAL: 0 } },
  CompareTarget: { values: { VERSION: 0, CREATE: 1, MOD: 2, VALUE: 3 } },
  TxnRequest: message({
    compare: [1, 'Compare', 'repeated'],
    success: [2, 'RequestOp', 'repeated'],
    failure: [3, 'RequestOp', 'repeated'],
  }),
  TxnResponse: message({
    ...headed,
    succeeded: [2, 'bool'],
    responses: [3, 'ResponseOp', 'repeated'],
  }),
  CompactionRequest: message({ revision: [1, 'int64'] }),
  CompactionResponse: message(headed),
  WatchRequest: message({ create_request: [1, 'WatchCreateRequest'] }, ['create_request']),
  WatchCreateRequest: message({
    key: [1, 'bytes'],
    range_end: [2, 'bytes'],
    start_revision: [3, 'int64'],
    fragment: [8, 'bool'],
  }),
  WatchResponse: message({
    ...headed,
    created: [3, 'bool'],
    canceled: [4, 'bool'],
    compact_revision: [5, 'int64'],
    cancel_reason: [6, 'string'],
    fragment: [7, 'bool'],
    events: [11, 'Event', 'repeated'],
  }),
  LeaseGrantRequest: message({ TTL: [1, 'int64'] }),
  LeaseGrantResponse: message({ ...headed, ID: [2, 'int64'], TTL: [3, 'int64'] }),
  LeaseRevokeRequest: message({ ID: [1, 'int64'] }),
  LeaseRevokeResponse: message(headed),
  LeaseKeepAliveRequest: message({ ID: [1, 'int64'] }),
  LeaseKeepAliveResponse: message({ ...headed, ID: [2, 'int64'], TTL: [3, 'int64'] }),
  StatusRequest: message({}),
  StatusResponse: message({
    ...headed,
    version: [2, 'string'],
    dbSize: [3, 'int64'],
    errors: [8, 'string', 'repeated'],
    dbSizeInUse: [9, 'int64'],
  }),
};

function call(name: string, streams: object = {}) {
  return {
    requestType: `${name}Request`,
    responseType: `${name}Response`,
    comment: '',
    ...streams,
  };
}

const bothStream = { requestStream: true, responseStream: true };

const definitions: PackageDefinition = fromJSON(
  {
    nested: {
      etcdserverpb: {
        nested: {
          ...messages,
          KV: {
            methods: {
              Range: call('Range'),
              Txn: call('Txn'),
              Compact: call('Compaction'),
            },
          },
          Watch: { methods: { Watch: call('Watch', bothStream) } },
          Lease: {
            methods: {
              LeaseGrant: call('LeaseGrant'),
              LeaseRevoke: call('LeaseRevoke'),
              LeaseKeepAlive: call('LeaseKeepAlive', bothStream),
            },
          },
          Maintenance: { methods: { Status: call('Status') } },
        },
      },
    },
  },
  { keepCase: true, longs: String, enums: String, defaults: true },
);

export type Method<Request, Response> = {
  readonly path: string;
  readonly serialize: (request: Request) => Buffer;
  readonly deserialize: (bytes: Buffer) => Response;
};

function method<Request extends object, Response extends object>(
  service: string,
  name: string,
): Method<Request, Response> {
  const methods = definitions[`etcdserverpb.${service}`] ?? {};
  const definition = Object.entries(methods).find(([called]) => called === name)?.[1];
  if (!isMethod<Request, Response>(definition)) throw new Error(`no method ${service}.${name}`);
  return {
    path: definition.path,
    serialize: definition.requestSerialize,
    deserialize: definition.responseDeserialize,
  };
}

/** What the schema above reads has the shape of the type of the same name: both stand in this file. */
function isMethod<Request extends object, Response extends object>(
  definition: unknown,
): definition is MethodDefinition<Request, Response> {
  return typeof definition === 'object' && definition !== null && 'requestSerialize' in definition;
}

export const range = method<RangeRequest, RangeResponse>('KV', 'Range');
export const txn = method<TxnRequest, TxnResponse>('KV', 'Txn');
export const compact = method<CompactionRequest, CompactionResponse>('KV', 'Compact');
export const watch = method<WatchRequest, WatchResponse>('Watch', 'Watch');
export const leaseGrant = method<LeaseGrantRequest, LeaseGrantResponse>('Lease', 'LeaseGrant');
export const leaseRevoke = method<LeaseRevokeRequest, LeaseRevokeResponse>('Lease', 'LeaseRevoke');
export const leaseKeepAlive = method<LeaseKeepAliveRequest, LeaseKeepAliveResponse>(
  'Lease',
  'LeaseKeepAlive',
);
export const status = method<StatusRequest, StatusResponse>('Maintenance', 'Status');
