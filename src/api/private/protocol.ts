/** The private endpoints: what CloudFront's API has no words for. */
import { Refusal } from '../../model/refusal.ts';
import type { Operation } from '../operation.ts';
import type { Protocol } from '../routes.ts';
import {
  deleteCertificate,
  getCertificate,
  importCertificate,
  listCertificates,
} from './certificates.ts';
import { authority } from './authority.ts';
import { setConformance } from './conformance.ts';
import { listEdges } from './edges.ts';
import { createEdgeToken, listEdgeTokens, revokeEdgeToken } from './edge-tokens.ts';
import { listenToEvents } from './events.ts';
import { health } from './health.ts';
import { holdEdge, releaseEdge } from './hold-edge.ts';
import { writeJsonFault } from './json-form.ts';
import {
  activateKeyPair,
  deactivateKeyPair,
  deleteKeyPair,
  importKeyPair,
  listKeyPairs,
} from './key-pairs.ts';
import { metrics } from './metrics.ts';
import { reset } from './reset.ts';

const root = '_warmfront';

const operations: readonly Operation[] = [
  health,
  authority,
  listEdges,
  holdEdge,
  releaseEdge,
  listEdgeTokens,
  createEdgeToken,
  revokeEdgeToken,
  listKeyPairs,
  importKeyPair,
  activateKeyPair,
  deactivateKeyPair,
  deleteKeyPair,
  listCertificates,
  getCertificate,
  importCertificate,
  deleteCertificate,
  listenToEvents,
  metrics,
  reset,
  setConformance,
];

export const privateEndpoints: Protocol = {
  root,
  operations,
  writeFault: writeJsonFault,
  unknownPath(path) {
    const known = new Set(operations.map((one) => one.path.split('/')[2]));
    return new Refusal('NoSuchEndpoint', { path, known: [...known].join(', ') });
  },
  wrongMethod: (method, allowed) => new Refusal('InvalidAction', { method, allowed }),
  service: 'cloudfront',
  signatures: ['date', 'v4'],
};
