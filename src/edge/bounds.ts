/**
 * What an edge takes at most (edge contract 0.3). One table, read by the code that keeps the bounds
 * and by the tests that try them; bytes and milliseconds stand in the names.
 */
export const edgeBounds = {
  /** Scheme, host, path and query, as reconstructed. */
  urlBytesMax: 8_192,
  /** Request line and all fields, the empty line included. */
  headBytesMax: 32_768,
  fieldsMax: 200,
  fieldNameBytesMax: 256,
  /** From the first byte of a head to its last. */
  headMsMax: 10_000,
  /** Between the requests of a connection, and before its first. */
  idleMsMax: 60_000,
  /** How long a viewer may take for what is written to it at one time, about 64 KiB. */
  drainMsMax: 60_000,
  /** How long a viewer may be waited for while it sends a body, in all (`Allowance`). */
  bodyMsMax: 60_000,
  /** So many bytes of a body earn one second more. */
  bodyBytesPerS: 500,
  /** What a viewer still sends after a refusal is read and dropped for so long at most. */
  lingerMsMax: 2_000,
  /** How long the origin of a WebSocket may send nothing. */
  webSocketIdleMsMax: 600_000,
  /** Requests of one HTTP/2 connection under way at one time (rule 24). */
  h2StreamsMax: 100,
  /** The bounds of HTTP/2 below are for so long, and what was used of them comes back evenly. */
  h2FloodMs: 10_000,
  /** RST_STREAM of a viewer, and those that its faults make us send (rule 24). */
  h2ResetsMax: 200,
  /** SETTINGS, PING, PRIORITY and unknown frames; each request earns one more. */
  h2ControlFramesMax: 1_000,
  /** WINDOW_UPDATE; each frame of a body that we send earns four more, unless it is tiny. */
  h2WindowUpdatesMax: 1_000,
  /** Frames that carry nothing and end nothing. */
  h2EmptyFramesMax: 100,
  handshakeMsMax: 10_000,
  /** TLS handshakes under way at one time, in one worker; more are cut. */
  handshakesMax: 1_000,
  /** How long a handshake waits for a certificate of the local authority; then the default one. */
  certificateWaitMsMax: 3_000,
  /** Names for which a worker asks the local authority at one time. */
  certificatesAskedMax: 100,
  /** Kept ready for use by one worker, about 30 KB each: of the authority, and imported ones. */
  certificatesMax: 1_000,
  /** Of one worker, over all its listeners. */
  connectionsMax: 10_000,
  /** Of those, from one address or /64 of IPv6 (`Admission`); 0: no bound. */
  connectionsPerAddressMax: 1_000,
  /** Begun by one address or /64 in a second; 0: no bound. */
  connectionsPerAddressSMax: 500,
  /** Of a request, as declared. */
  requestBodyBytesMax: 64 * 1_024 ** 3,
  responseHeadBytesMax: 32_768,
  /** A longer object of a behavior that caches is refused (5.10, rule 51). */
  cacheableBodyBytesMax: 50 * 1_024 ** 3,
  connectionsPerEndpointMax: 256,
  requestsPerEndpointMax: 2_048,
  endpointsMax: 1_000,
  /** On one fetch; who comes beyond them asks for himself (5.9). */
  waitersMax: 10_000,
  /** Under way at one time in one worker, about 5 MB each; what comes beyond goes uncompressed (6.4). */
  compressionsMax: 32,
  /** After an answer that is for one viewer alone, requests do not wait for one another for so long. */
  unsharedMs: 60_000,
  /** Verified at one time, by one worker; the platform has four threads for this and for files. */
  signaturesAtOnceMax: 2,
  /** More than wait already are refused with 503. */
  signaturesWaitingMax: 1_000,
  /** Remembered, about 300 bytes each. */
  goodSignaturesMax: 20_000,
  badSignaturesMax: 2_000,
} as const;

export type EdgeBounds = { readonly [Name in keyof typeof edgeBounds]: number };

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
>;
