import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../base/clock.ts';
import { revision } from '../../base/log-record.ts';
import type { Control } from '../../control/control.ts';
import type { LogRoom } from '../../log/log.ts';
import { createLimits } from '../../model/limits.ts';
import type { Service } from '../operation.ts';
import { health } from './health.ts';

const nothing = (): never => {
  throw new Error('health asks for nothing else');
};

function serviceThatIs(ready: boolean, room?: LogRoom, draining = false): Service {
  const control: Control = {
    create: nothing,
    find: nothing,
    list: nothing,
    replace: nothing,
    delete: nothing,
    promote: nothing,
    moveAlias: nothing,
    moveDomain: nothing,
    conflictingDomains: nothing,
    createTenant: nothing,
    tenantView: nothing,
    findTenantByDomain: nothing,
    createIdentity: nothing,
    findIdentity: nothing,
    listIdentities: nothing,
    replaceIdentity: nothing,
    deleteIdentity: nothing,
    invalidate: nothing,
    findInvalidation: nothing,
    listInvalidations: nothing,
    importKeyPair: nothing,
    listKeyPairs: nothing,
    switchKeyPair: nothing,
    deleteKeyPair: nothing,
    importCertificate: nothing,
    findCertificate: nothing,
    listCertificates: nothing,
    deleteCertificate: nothing,
    createResource: nothing,
    findResource: nothing,
    listResources: nothing,
    replaceResource: nothing,
    deleteResource: nothing,
    resourceStatus: nothing,
    publish: nothing,
    allResources: nothing,
    usersOf: nothing,
    deleteStore: nothing,
    writeKeyValues: nothing,
    findKeyValues: nothing,
    tag: nothing,
    untag: nothing,
    listTags: nothing,
    createEdgeToken: nothing,
    registerEdgeKey: nothing,
    listEdgeTokens: nothing,
    revokeEdgeToken: nothing,
    edges: nothing,
    hold: nothing,
    reset: nothing,
    listen: nothing,
    refresh: nothing,
    during: nothing,
    health: () => ({ ready, startedAt: instant(0), position: revision(7), room }),
  };
  return {
    control,
    limits: createLimits(),
    publicEndpoint: nothing,
    authorityCertificate: '',
    certifyEdge: nothing,
    legacyMinimumTtlS: 0,
    pointingOf: nothing,
    allowReset: false,
    memoryOnly: true,
    isDraining: () => draining,
    viewerMetrics: nothing,
  };
}

async function askedOf(service: Service) {
  assert(!health.needsCredentials);
  const question = { param: nothing, query: new URLSearchParams(), ifMatch: undefined };
  const rest = { header: nothing, body: nothing, hasBody: false };
  return await health.answer({ ...question, ...rest }, service);
}

test('a server that follows its log is healthy', async () => {
  const answer = await askedOf(serviceThatIs(true));
  assert.equal(answer.status, 200);
  assert('body' in answer);
  assert.deepEqual(JSON.parse(String(answer.body?.text)), {
    status: 'ok',
    position: 7,
    startedAt: '1970-01-01T00:00:00.000Z',
  });
});

test('one that does not, or no longer, answers 503', async () => {
  const answer = await askedOf(serviceThatIs(false));
  assert.equal(answer.status, 503);
  assert('body' in answer);
  assert.match(String(answer.body?.text), /"status":"unavailable"/);
});

test('one that will stop answers 503 too', async () => {
  const answer = await askedOf(serviceThatIs(true, undefined, true));
  assert.equal(answer.status, 503);
  assert('body' in answer);
  assert.match(String(answer.body?.text), /"status":"draining"/);
});

test('it says how full a log is that has room of others', async () => {
  for (const [isFull, usedBytes, state] of [
    [false, 80, 'ok'],
    [false, 81, 'nearly full'],
    [true, 50, 'full'],
  ] as const) {
    const answer = await askedOf(serviceThatIs(true, { isFull, usedBytes, quotaBytes: 100 }));
    assert.equal(answer.status, 200);
    assert('body' in answer);
    const { log } = JSON.parse(String(answer.body?.text));
    assert.deepEqual(log, { state, usedBytes, quotaBytes: 100 });
  }
});
