/**
 * Settings of what viewers may take of an edge: connections, requests, memory, time, and the least
 * speed of what they send (docs/operating.md). Each is a bound of one worker, since workers share nothing.
 */
import type { SettingReader } from './reader.ts';
import { one } from './setting.ts';
import { bytesForm, countForm, durationForm } from './values.ts';
import type { ViewerBounds } from '../edge/bounds.ts';

const hourMs = 3_600_000;
const longest = durationForm(100, hourMs);
const countMax = 1_000_000;

export const viewerTable = {
  viewerConnections: one('viewer-connections', 'N', countForm(1, countMax), '10000', {
    meaning: 'connections of viewers that each worker holds at one time; more are closed at once',
  }),
  viewerConnectionsPerAddress: one(
    'viewer-connections-per-address',
    'N',
    countForm(0, countMax),
    '1000',
    {
      meaning:
        'of those, how many may come from one address, or from one /64 of IPv6; loopback has no such bound; 0: nobody has',
    },
  ),
  viewerConnectionRate: one('viewer-connection-rate', 'N', countForm(0, countMax), '500', {
    meaning:
      'new connections that each worker takes in a second from one address, or from one /64 of IPv6; loopback has no such bound; 0: nobody has',
  }),
  viewerRequests: one('viewer-requests', 'N', countForm(1, countMax), '20000', {
    meaning:
      'requests of viewers that each worker answers at one time, over all connections; more are answered 503',
  }),
  originRequests: one('origin-requests', 'N', countForm(1, countMax), '10000', {
    meaning:
      'requests to origins that each worker has under way at one time; what would need one more is answered 503',
  }),
  bodyMemory: one('body-memory', 'BYTES', bytesForm(1_099_511_627_776, 1_048_576), '256MiB', {
    meaning:
      'bytes of bodies that each worker holds, which have come from origins and which viewers did not take yet; once it is full, bodies go on as fast as they are taken, and what needs an origin is answered 503',
  }),
  viewerHttpsPort: one('viewer-https-port', 'N', countForm(0, 65_535), '0', {
    meaning:
      'the port of HTTPS in redirects to it, where viewers reach edges at another one than edges listen on; 0: the one that the edge listens on',
  }),
  viewerIdleTimeout: one('viewer-idle-timeout', 'DURATION', longest, '60s', {
    meaning: 'how long a connection may stand between two requests, and before its first',
  }),
  viewerHeadTimeout: one('viewer-head-timeout', 'DURATION', longest, '10s', {
    meaning: 'how long the head of a request may take, from its first byte to its last',
  }),
  viewerReadTimeout: one('viewer-read-timeout', 'DURATION', longest, '60s', {
    meaning: 'how long a viewer may take for what is written to it at one time, about 64 KiB',
  }),
  viewerBodyTimeout: one('viewer-body-timeout', 'DURATION', longest, '60s', {
    meaning: 'how long a viewer may be waited for while it sends a body, in all',
  }),
  viewerBodyRate: one('viewer-body-rate', 'BYTES', bytesForm(1_073_741_824, 1), '500', {
    meaning: 'each so many bytes of a body give a second back to --viewer-body-timeout',
  }),
} as const;

export function readViewerBounds(reader: SettingReader): ViewerBounds {
  return {
    connectionsMax: reader.one(viewerTable.viewerConnections),
    connectionsPerAddressMax: reader.one(viewerTable.viewerConnectionsPerAddress),
    connectionsPerAddressSMax: reader.one(viewerTable.viewerConnectionRate),
    exchangesMax: reader.one(viewerTable.viewerRequests),
    originRequestsMax: reader.one(viewerTable.originRequests),
    bodyMemoryBytesMax: reader.one(viewerTable.bodyMemory),
    idleMsMax: reader.one(viewerTable.viewerIdleTimeout),
    headMsMax: reader.one(viewerTable.viewerHeadTimeout),
    drainMsMax: reader.one(viewerTable.viewerReadTimeout),
    bodyMsMax: reader.one(viewerTable.viewerBodyTimeout),
    bodyBytesPerS: reader.one(viewerTable.viewerBodyRate),
  };
}
