/**
 * What an edge takes at most (edge contract 0.3), as one table: from it come the numbers by which the
 * code keeps each bound, and docs/limits.md, which says what a viewer gets beyond it. Bytes and
 * milliseconds stand in the names. Each worker has these bounds for itself, since workers share
 * nothing.
 */
import assert from 'node:assert/strict';

export type Bound = {
  readonly value: number;
  /** What is counted, and over what. */
  readonly meaning: string;
  /** What happens to what is more. */
  readonly beyond: string;
  /** Where the number comes from: the edge contract, an RFC, or this project. */
  readonly source: string;
  /** By which setting it is changed, where it is one; without dashes. */
  readonly setting?: string;
};

const contract = 'edge contract 0.3';
const own = 'of our own';

export const boundTable = {
  urlBytesMax: {
    value: 8_192,
    meaning: 'scheme, host, path and query of a request',
    beyond: '414, and the connection ends',
    source: contract,
  },
  headBytesMax: {
    value: 32_768,
    meaning: 'request line and all fields of a request',
    beyond: '494 and the connection ends; 414 where the line alone is longer; HTTP/2: GOAWAY',
    source: contract,
  },
  fieldsMax: {
    value: 200,
    meaning: 'fields of a request',
    beyond: '494, and the connection ends',
    source: contract,
  },
  fieldNameBytesMax: {
    value: 256,
    meaning: 'the name of a field',
    beyond: '494, and the connection ends',
    source: contract,
  },
  headMsMax: {
    value: 10_000,
    setting: 'viewer-head-timeout',
    meaning: 'from the first byte of a head to its last',
    beyond: '408, and the connection ends; HTTP/2: GOAWAY',
    source: contract,
  },
  idleMsMax: {
    value: 60_000,
    setting: 'viewer-idle-timeout',
    meaning: 'between the requests of a connection, and before its first',
    beyond: 'the connection is closed',
    source: contract,
  },
  drainMsMax: {
    value: 60_000,
    setting: 'viewer-read-timeout',
    meaning: 'what a viewer may take for what is written to it at one time, about 64 KiB',
    beyond: 'the answer is cut',
    source: own,
  },
  bodyMsMax: {
    value: 60_000,
    setting: 'viewer-body-timeout',
    meaning: 'how long a viewer may be waited for while it sends a body, in all',
    beyond: 'the request is given up and the connection closed; HTTP/2: the stream',
    source: own,
  },
  bodyBytesPerS: {
    value: 500,
    setting: 'viewer-body-rate',
    meaning: 'so many bytes of a body earn one second more',
    beyond: 'see `bodyMsMax`',
    source: own,
  },
  lingerMsMax: {
    value: 2_000,
    meaning: 'for how long what a viewer still sends after a refusal is read and dropped',
    beyond: 'the connection is closed',
    source: 'RFC 9112 §9.6; the number of our own',
  },
  connectionsMax: {
    value: 10_000,
    setting: 'viewer-connections',
    meaning: 'connections of viewers, over all listeners',
    beyond: 'more are closed at once',
    source: own,
  },
  connectionsPerAddressMax: {
    value: 1_000,
    setting: 'viewer-connections-per-address',
    meaning: 'of those, from one address or /64 of IPv6; 0: no bound',
    beyond: 'more are closed at once',
    source: own,
  },
  connectionsPerAddressSMax: {
    value: 500,
    setting: 'viewer-connection-rate',
    meaning: 'connections begun by one address or /64 in a second; 0: no bound',
    beyond: 'more are closed at once',
    source: own,
  },
  exchangesMax: {
    value: 20_000,
    setting: 'viewer-requests',
    meaning: 'requests of viewers that are being answered at one time, over all connections',
    beyond: '503 with Retry-After',
    source: own,
  },
  bodyMemoryBytesMax: {
    value: 256 * 1_024 ** 2,
    setting: 'body-memory',
    meaning: 'bytes of bodies that have come from origins and that viewers did not take yet',
    beyond:
      'bodies go on at the pace of their slowest viewer; 503 with Retry-After for requests that need an origin',
    source: own,
  },
  originRequestsMax: {
    value: 10_000,
    setting: 'origin-requests',
    meaning: 'requests to origins, under way or waiting for a connection',
    beyond: '503 with Retry-After',
    source: own,
  },
  h2StreamsMax: {
    value: 100,
    meaning: 'requests of one HTTP/2 connection under way at one time',
    beyond: 'REFUSED_STREAM; once the viewer acknowledged this bound, the connection ends',
    source: 'edge contract 1.6, rule 24',
  },
  h2FloodMs: {
    value: 10_000,
    meaning:
      'the bounds of HTTP/2 below are for so long, and what was used of them comes back evenly',
    beyond: 'see there',
    source: own,
  },
  h2ResetsMax: {
    value: 200,
    meaning: 'RST_STREAM of a viewer, and those that its faults make us send',
    beyond: 'GOAWAY, ENHANCE_YOUR_CALM',
    source: 'edge contract 1.6, rule 24',
  },
  h2ControlFramesMax: {
    value: 1_000,
    meaning: 'SETTINGS, PING, PRIORITY and unknown frames; each request earns one more',
    beyond: 'GOAWAY, ENHANCE_YOUR_CALM',
    source: own,
  },
  h2WindowUpdatesMax: {
    value: 1_000,
    meaning: 'WINDOW_UPDATE; each frame of a body that we send earns four more, unless it is tiny',
    beyond: 'GOAWAY, ENHANCE_YOUR_CALM',
    source: own,
  },
  h2EmptyFramesMax: {
    value: 100,
    meaning: 'frames that carry nothing and end nothing',
    beyond: 'GOAWAY, ENHANCE_YOUR_CALM',
    source: own,
  },
  webSocketIdleMsMax: {
    value: 600_000,
    meaning: 'how long the origin of a WebSocket may send nothing',
    beyond: 'both connections are closed',
    source: contract,
  },
  handshakeMsMax: {
    value: 10_000,
    meaning: 'how long a TLS handshake may take',
    beyond: 'the connection is closed',
    source: own,
  },
  handshakesMax: {
    value: 1_000,
    meaning: 'TLS handshakes under way at one time',
    beyond: 'more are closed at once',
    source: own,
  },
  certificateWaitMsMax: {
    value: 3_000,
    meaning: 'how long a handshake waits for a certificate of the local authority',
    beyond: 'the default certificate',
    source: own,
  },
  certificatesAskedMax: {
    value: 100,
    meaning: 'names for which the local authority is asked at one time',
    beyond: 'the default certificate',
    source: own,
  },
  certificatesMax: {
    value: 1_000,
    meaning:
      'certificates kept ready for use, about 30 KB each: of the authority, and as many imported ones',
    beyond: 'the one that was not used for longest is made ready again when it is asked for',
    source: own,
  },
  requestBodyBytesMax: {
    value: 64 * 1_024 ** 3,
    meaning: 'the body of a request, as declared',
    beyond: '413, and the connection ends',
    source: contract,
  },
  responseHeadBytesMax: {
    value: 32_768,
    meaning: "the head of an origin's answer",
    beyond: '502',
    source: contract,
  },
  cacheableBodyBytesMax: {
    value: 50 * 1_024 ** 3,
    meaning: 'an object of a behavior that caches',
    beyond: '502',
    source: contract,
  },
  connectionsPerEndpointMax: {
    value: 256,
    meaning: 'connections to one port of an origin',
    beyond: 'requests wait for one that is free',
    source: own,
  },
  requestsPerEndpointMax: {
    value: 2_048,
    meaning: 'requests to one port of an origin, under way or waiting for a connection',
    beyond: '503 with Retry-After',
    source: own,
  },
  endpointsMax: {
    value: 1_000,
    meaning: 'ports of origins to which connections are kept',
    beyond: 'one that is not in use is given up; 503 with Retry-After where all are',
    source: own,
  },
  waitersMax: {
    value: 10_000,
    meaning: 'viewers that wait for one fetch',
    beyond: 'more ask the origin for themselves',
    source: contract,
  },
  unsharedMs: {
    value: 60_000,
    meaning:
      'for how long requests do not wait for one another after an answer that is for one viewer alone',
    beyond: 'they wait for one another again',
    source: own,
  },
  compressionsMax: {
    value: 32,
    meaning: 'bodies compressed at one time, about 5 MB each',
    beyond: 'more go uncompressed',
    source: 'edge contract 6.4; the number of our own',
  },
  signaturesAtOnceMax: {
    value: 2,
    meaning:
      'signatures verified at one time; the platform has four threads for this and for files',
    beyond: 'more wait',
    source: own,
  },
  signaturesWaitingMax: {
    value: 1_000,
    meaning: 'signatures that wait to be verified',
    beyond: '503 with Retry-After',
    source: own,
  },
  goodSignaturesMax: {
    value: 20_000,
    meaning: 'good signatures that are remembered, about 300 bytes each',
    beyond: 'the one that was not used for longest is verified again',
    source: own,
  },
  badSignaturesMax: {
    value: 2_000,
    meaning: 'bad signatures that are remembered',
    beyond: 'the one that was not used for longest is verified again',
    source: own,
  },
} as const satisfies Readonly<Record<string, Bound>>;

export type EdgeBounds = { readonly [Name in keyof typeof boundTable]: number };

export const edgeBounds: EdgeBounds = numbersOf(boundTable);

function numbersOf<Name extends string>(
  table: Readonly<Record<Name, Bound>>,
): Readonly<Record<Name, number>> {
  const numbers: unknown = Object.fromEntries(
    Object.entries<Bound>(table).map(([name, { value }]) => [name, value]),
  );
  assert(hasAll(table, numbers));
  return numbers;
}

function hasAll<Name extends string>(
  table: Readonly<Record<Name, Bound>>,
  numbers: unknown,
): numbers is Readonly<Record<Name, number>> {
  return Object.keys(table).every((name) => Object.hasOwn(Object(numbers), name));
}

/** Those that the operator may set. */
export type ViewerBounds = Pick<
  EdgeBounds,
  | 'connectionsMax'
  | 'connectionsPerAddressMax'
  | 'connectionsPerAddressSMax'
  | 'idleMsMax'
  | 'headMsMax'
  | 'drainMsMax'
  | 'bodyMsMax'
  | 'bodyBytesPerS'
  | 'exchangesMax'
  | 'bodyMemoryBytesMax'
  | 'originRequestsMax'
>;
