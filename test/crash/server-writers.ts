/**
 * Writers of a crash round: each lives distributions of its own through the API, noting before every
 * write what it sends and after it what was acknowledged. They end when the server dies. A pair of
 * them contends for one more distribution, where If-Match lets one of two updates win.
 */
import assert from 'node:assert/strict';
import {
  type ApiCaller,
  assertRefused,
  assertStatus,
  etagOf,
  type Reply,
  textAt,
} from '../harness/api-caller.ts';
import { bothKinds, configXml, create, download } from '../harness/kinds.ts';
import type { SeededRandomness } from '../harness/seeded-randomness.ts';
import { Entry, type Pending } from './server-ledger.ts';

const entriesMax = 8;

/** Whether the server has been told to end, so that broken connections are expected. */
export type Ending = { ended: boolean };

export type Counts = { create: number; update: number; delete: number; contended: number };

/** Thrown by a call that got no answer because the server died. */
class ServerDied extends Error {
  override readonly name = 'ServerDied';
}

type WriterParts = {
  readonly api: ApiCaller;
  readonly name: string;
  readonly entries: Entry[];
  readonly randomness: SeededRandomness;
  readonly ending: Ending;
  readonly counts: Counts;
};

/** Writes until the server dies; rejects when an answer is not what it must be. */
export async function write(parts: WriterParts): Promise<void> {
  try {
    for (;;) await writeOnce(parts);
  } catch (error) {
    if (!(error instanceof ServerDied)) throw error;
  }
}

async function writeOnce(parts: WriterParts): Promise<void> {
  const { entries, randomness } = parts;
  const living = entries.filter(({ isGone }) => !isGone);
  const entry = randomness.pick(living);
  if (entry === undefined || (living.length < entriesMax && randomness.chance(0.35))) {
    await createOne(parts);
  } else if (randomness.chance(0.65)) {
    await update(parts, entry, randomness.chance(0.6));
  } else {
    await disableAndDelete(parts, entry);
  }
}

let references = 0;

async function createOne(parts: WriterParts): Promise<void> {
  references += 1;
  const { counts, entries, name, randomness } = parts;
  const words = randomness.pick(bothKinds) ?? download;
  const entry = new Entry(words, `${name} ${references}`);
  const enabled = randomness.chance(0.7);
  const body = configXml(words, { reference: entry.reference, enabled, comment: 'created' });
  entries.push(entry);
  const reply = await noted(parts, entry, { kind: 'create', body }, (api) =>
    api.post(words.path, body),
  );
  assertStatus(reply, 201);
  entry.learn(reply);
  counts.create += 1;
}

async function update(parts: WriterParts, entry: Entry, enabled: boolean): Promise<void> {
  const { known, reference, words } = entry;
  assert(known !== undefined, 'what is updated was acknowledged');
  references += 1;
  const comment = `update ${references}`;
  const body = configXml(words, { reference, enabled, comment });
  const reply = await noted(parts, entry, { kind: 'update', body, comment }, (api) =>
    api.put(`${known.path}/config`, known.etag, body),
  );
  assertStatus(reply, 200);
  assert.notEqual(etagOf(reply), known.etag);
  entry.learn(reply);
  parts.counts.update += 1;
}

async function disableAndDelete(parts: WriterParts, entry: Entry): Promise<void> {
  if (entry.known?.enabled === true) await update(parts, entry, false);
  const { known } = entry;
  assert(known !== undefined, 'what is deleted was acknowledged');
  for (;;) {
    const info = await answered(parts, (api) => api.get(known.path));
    assertStatus(info, 200);
    if (textAt(info, 'Status') === 'Deployed') break;
  }
  const reply = await noted(parts, entry, { kind: 'delete' }, (api) =>
    api.delete(known.path, known.etag),
  );
  assertStatus(reply, 204);
  entry.vanish();
  parts.counts.delete += 1;
}

/** The entry holds the write while its answer is not there, and on when none comes. */
function noted(
  parts: WriterParts,
  entry: Entry,
  pending: Pending,
  call: (api: ApiCaller) => Promise<Reply>,
): Promise<Reply> {
  entry.pending = pending;
  return answered(parts, call);
}

async function answered(
  { api, ending }: Pick<WriterParts, 'api' | 'ending'>,
  call: (api: ApiCaller) => Promise<Reply>,
): Promise<Reply> {
  let reply: Reply;
  try {
    reply = await call(api);
  } catch (cause) {
    if (ending.ended) throw new ServerDied('no answer came', { cause });
    throw cause;
  }
  // A server that stops says so, and nobody knows whether the write was still recorded.
  if (ending.ended && reply.status === 503) throw new ServerDied(reply.body);
  return reply;
}

/** Updates of one distribution by several writers, each with the ETag it read. */
export class Contended {
  readonly path: string;
  /** If-Match and the ETag that was acknowledged for it. */
  readonly #acknowledged: { readonly ifMatch: string; readonly etag: string; comment: string }[] =
    [];
  readonly #unanswered: { readonly ifMatch: string; readonly comment: string }[] = [];
  readonly #reference: string;
  #firstEtag: string;

  private constructor(reference: string, path: string, etag: string) {
    this.#reference = reference;
    this.path = path;
    this.#firstEtag = etag;
  }

  static async create(api: ApiCaller, reference: string): Promise<Contended> {
    const { etag, path } = await create(api, download, { reference, comment: 'contended' });
    return new Contended(reference, path, etag);
  }

  /** Until the server dies. */
  async contend(parts: Omit<WriterParts, 'entries'>): Promise<void> {
    try {
      for (;;) {
        const info = await answered(parts, (api) => api.get(this.path));
        assertStatus(info, 200);
        await this.#update(parts, etagOf(info));
      }
    } catch (error) {
      if (!(error instanceof ServerDied)) throw error;
    }
  }

  async #update(parts: Omit<WriterParts, 'entries'>, ifMatch: string): Promise<void> {
    references += 1;
    const comment = `${parts.name} ${references}`;
    const body = configXml(download, { reference: this.#reference, comment });
    const pending = { ifMatch, comment };
    this.#unanswered.push(pending);
    const reply = await answered(parts, (api) => api.put(`${this.path}/config`, ifMatch, body));
    this.#unanswered.splice(this.#unanswered.indexOf(pending), 1);
    if (reply.status === 412) {
      assertRefused(reply, 412, 'PreconditionFailed');
      return;
    }
    assertStatus(reply, 200);
    const twice = this.#acknowledged.find((other) => other.ifMatch === ifMatch);
    assert.equal(twice, undefined, 'two updates won with one ETag');
    this.#acknowledged.push({ ifMatch, etag: etagOf(reply), comment });
    parts.counts.contended += 1;
  }

  /** After a restart: what stands is the last acknowledged update, or an unanswered one on top of it. */
  async audit(api: ApiCaller): Promise<void> {
    const info = await api.get(this.path);
    assertStatus(info, 200);
    const etag = etagOf(info);
    const comment = textAt(info, `${download.config}/Comment`);
    const acknowledged = this.#acknowledged.map((one) => one.etag);
    const overtaken = new Set(this.#acknowledged.map(({ ifMatch }) => ifMatch));
    const tips = [this.#firstEtag, ...acknowledged].filter((one) => !overtaken.has(one));
    if (!tips.includes(etag)) {
      const unanswered = this.#unanswered.find((one) => one.comment === comment);
      assert(unanswered !== undefined, `${etag} "${comment}" is no update that could stand`);
      const onTop = tips.includes(unanswered.ifMatch) || !acknowledged.includes(unanswered.ifMatch);
      assert(onTop, `an acknowledged update on top of ${unanswered.ifMatch} is lost`);
    }
    this.#acknowledged.length = 0;
    this.#unanswered.length = 0;
    this.#firstEtag = etag;
  }
}
