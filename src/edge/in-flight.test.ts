import assert from 'node:assert/strict';
import { test } from 'node:test';
import { revision } from '../base/log-record.ts';
import { InFlight, InFlights } from './in-flight.ts';

const refused = { kind: 'refused', page: { name: 'originConnect' } } as const;

function flown(leader = new AbortController()) {
  return { leader, flight: new InFlight(revision(7), leader.signal) };
}

test('all who wait hear what came of it, and who comes later too', async () => {
  const { flight } = flown();
  const waiting = [1, 2, 3].map(() => flight.wait(new AbortController().signal));
  assert.equal(flight.waiting, 3);
  flight.land(refused);
  assert.deepEqual(await Promise.all(waiting), [refused, refused, refused]);
  assert.equal(flight.waiting, 0);
  assert.deepEqual(await flight.wait(new AbortController().signal), refused);
});

test('a viewer that goes while it waits is let go, and the others wait on', async () => {
  const { flight } = flown();
  const leaving = new AbortController();
  const left = flight.wait(leaving.signal);
  const stays = flight.wait(new AbortController().signal);
  leaving.abort();
  assert.equal(await left, undefined);
  assert.equal(flight.waiting, 1);
  assert(!flight.signal.aborted);
  flight.land(refused);
  assert.deepEqual(await stays, refused);
  assert.equal(await flight.wait(AbortSignal.abort()), undefined);
});

test('the fetch goes on without its leader as long as anybody waits', async () => {
  const { flight, leader } = flown();
  const waiter = new AbortController();
  const waiting = flight.wait(waiter.signal);
  leader.abort();
  assert(!flight.signal.aborted);
  waiter.abort();
  assert.equal(await waiting, undefined);
  assert(flight.signal.aborted);
  assert.deepEqual(await flight.landing, { kind: 'look-again' });
});

test('a leader that has gone alone, even before it begins, ends the fetch', async () => {
  const { flight, leader } = flown();
  leader.abort();
  assert(flight.signal.aborted);
  assert.deepEqual(await flight.landing, { kind: 'look-again' });
  const gone = new InFlight(revision(1), AbortSignal.abort());
  assert(gone.signal.aborted);
});

test('what has landed is not given up any more', async () => {
  const { flight, leader } = flown();
  flight.land({ kind: 'alone' });
  leader.abort();
  assert(!flight.signal.aborted);
  assert.deepEqual(await flight.landing, { kind: 'alone' });
});

test('one is found until it ends, and never ends another of its key', () => {
  const flights = new InFlights();
  const { signal } = new AbortController();
  const first = flights.begin('k', revision(1), signal);
  assert.equal(flights.find('k'), first);
  const second = flights.begin('k', revision(2), signal);
  flights.end('k', first);
  assert.equal(flights.find('k'), second);
  flights.end('k', second);
  assert.equal(flights.find('k'), undefined);
});
