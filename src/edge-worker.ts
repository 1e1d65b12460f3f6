/**
 * The thread of one edge worker: it joins the follower of the log, the routing table and the
 * listeners, answers viewers, and tells its location which position it serves.
 *
 * It listens only once it has taken a whole state, so that no viewer is refused for what it has not
 * read yet.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { Journal } from './access-log/journal.ts';
import { pause, systemClock } from './base/clock.ts';
import type { Cursor } from './base/log-record.ts';
import { systemRandomness } from './base/randomness.ts';
import { createRecorder, type Recorder } from './base/recorder.ts';
import { CertificateQuestions } from './edge/certificate-questions.ts';
import { createEdgeServer } from './edge/edge-server.ts';
import { EdgeFollower } from './edge/follower.ts';
import type { FromWorker, ToWorker, WorkerStart } from './edge/messages.ts';
import { ViewerCounts } from './edge/viewer-counts.ts';
import { RoutingTable } from './edge/routing-table.ts';
import type { LogReader } from './log/log.ts';
import { PortReader } from './log/port.ts';

assert(parentPort, 'an edge worker is started as a thread of an edge location');
const location = parentPort;
const start: WorkerStart = workerData;
const recorder = createRecorder(start.recorder).child({ edge: start.settings.name });

/** Viewers wait no longer for what is on disk; it is taken up when it is there. */
const cacheOpenMsMax = 2_000;

run(start, recorder).catch((error: unknown) => {
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  location.close();
});

async function run(
  { accessLog, beatMs, index, log, propagationDelayMs, settings }: WorkerStart,
  told: Recorder,
) {
  const clock = systemClock;
  const journal = new Journal({
    ...accessLog,
    clock,
    recorder: told,
    onClosed: () => accessLog.notices.postMessage('closed'),
  });
  const stop = new AbortController();
  const routing = new RoutingTable(settings.domain);
  const reader = new PortReader(log);
  const questions = new CertificateQuestions((name) => tell({ kind: 'certificate-wanted', name }));
  const server = createEdgeServer({
    settings,
    routing,
    clock,
    randomness: systemRandomness,
    recorder: told,
    issueCertificate: questions.issue,
    accessLog: journal,
    counts: new ViewerCounts(start.counts),
    // The record of each exchange tells the way it took through the pipeline, so all of them take it.
    lane: start.recorder.level !== 'debug',
    disk:
      settings.diskCache === undefined
        ? undefined
        : {
            folder: join(settings.diskCache.folder, String(index)),
            isProven: (cursor) => isOfItsHistory(reader, cursor, stop.signal),
          },
  });
  let listening = false;
  let caughtUp: ((first: Cursor) => void) | undefined;
  const firstState = new Promise<Cursor>((resolve) => {
    caughtUp = resolve;
  });
  const follower = new EdgeFollower({
    edge: settings.name,
    reader,
    clock,
    propagationDelayMs,
    routing: {
      apply: (touched, upTo) => routing.apply(touched, upTo),
      replaceAll(catalog, upTo) {
        routing.replaceAll(catalog, upTo);
        // Another history, or a gap in it: what was invalidated in between is not known.
        if (caughtUp === undefined) server.forget();
      },
    },
    report(serving) {
      caughtUp?.(serving);
      caughtUp = undefined;
      server.standAt(serving);
      if (listening) tell({ kind: 'serving', cursor: serving });
    },
  });

  location.on('message', (message: ToWorker) => {
    if (message.kind === 'begin-anew') follower.beginAnew();
    else if (message.kind === 'catch-up') follower.catchUp();
    else if (message.kind === 'certificate') questions.answer(message.name, message.issued);
    else if (message.kind === 'default-certificate') server.renewCertificate(message.renewed);
    else if (message.kind === 'ticket-keys') server.renewTicketKeys(message.keys);
    else if (message.kind === 'retire') server.retire();
    else void end(message.graceMs);
  });

  async function end(graceMs: number): Promise<void> {
    stop.abort(new Error('the edge stops'));
    await server.close(graceMs);
    await journal.close();
    accessLog.notices.close();
    await reader.close();
    location.close();
    log.close();
  }

  const following = follower.run(stop.signal);
  const first = await Promise.race([firstState, following]);
  if (stop.signal.aborted || first === undefined) return;
  await Promise.race([server.openCache(first), pause(clock, cacheOpenMsMax)]);
  if (stop.signal.aborted) return;
  const at = await server.listen();
  listening = true;
  tell({ kind: 'listening', at });
  tellServing(follower.serving);
  beat();
  await following;

  function beat(): void {
    clock.after(beatMs, () => {
      if (stop.signal.aborted) return;
      tellServing(follower.serving);
      beat();
    });
  }
}

/** Whether the log goes on from there. */
async function isOfItsHistory(
  reader: LogReader,
  cursor: Cursor,
  signal: AbortSignal,
): Promise<boolean> {
  const enough = new AbortController();
  try {
    for await (const event of reader.tail(cursor, AbortSignal.any([signal, enough.signal]))) {
      if (event.kind !== 'detached') return event.kind !== 'snapshot';
    }
    return false;
  } finally {
    enough.abort();
  }
}

function tellServing(cursor: Cursor | undefined): void {
  if (cursor !== undefined) tell({ kind: 'serving', cursor });
}

function tell(message: FromWorker): void {
  location.postMessage(message);
}
