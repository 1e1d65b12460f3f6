/**
 * Events: positions of the log and acknowledgements of edges as they happen, as server-sent events
 * (WHATWG HTML §9.2). The first one tells the position at which listening began, so a listener that
 * reads state after it misses nothing. One that reads too slowly is let go, and comes back.
 */
import type { ControlEvent } from '../../control/control.ts';
import { systemAccount } from '../../model/document.ts';
import type { AccountId } from '../../model/ids.ts';
import { operation } from '../operation.ts';

export const listenToEvents = operation({
  name: 'ListenToEvents',
  method: 'GET',
  path: '/_warmfront/events',
  async answer({ account }, { control }) {
    return {
      status: 200,
      headers: { 'cache-control': 'no-store' },
      stream: {
        type: 'text/event-stream',
        begin(sink) {
          const stop = control.listen((event) => sink.write(eventText(event, account)));
          const { position } = control.health();
          sink.write(`retry: 1000\n\n${frame('listening', { position })}`);
          return stop;
        },
      },
    };
  },
});

/** Of what the log records the listener is told its own account's part, and the position in any case. */
function eventText(event: ControlEvent, account: AccountId): string {
  if (event.kind === 'record') {
    const own = [`${account}/`, `${systemAccount}/`];
    const keys = event.keys.filter((key) => own.some((start) => key.startsWith(start)));
    return frame('record', { revision: event.revision, keys });
  }
  const { name, position, state } = event;
  return frame('edge', { name, state, position: position ?? null });
}

/** JSON has no raw line ends, so the data is always one line. */
function frame(name: string, data: Readonly<Record<string, unknown>>): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
