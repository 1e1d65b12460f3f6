/**
 * What the writers of a crash round were promised: each acknowledged state, word for word, and each
 * write whose answer did not arrive. After a restart the server is held to it: an acknowledged write
 * is there, one without an answer is there or not, as a whole, and nothing else is.
 */
import assert from 'node:assert/strict';
import {
  type ApiCaller,
  allTexts,
  assertRefused,
  assertStatus,
  etagOf,
  type Reply,
  textAt,
} from '../harness/api-caller.ts';
import { bothKinds, type KindWords, untilDeployed } from '../harness/kinds.ts';

/** A write that was sent and not answered. */
export type Pending =
  | { readonly kind: 'create'; readonly body: string }
  | { readonly kind: 'update'; readonly body: string; readonly comment: string }
  | { readonly kind: 'delete' };

/** The last acknowledged state of a distribution. */
export type Known = {
  readonly id: string;
  readonly path: string;
  readonly domain: string;
  readonly etag: string;
  readonly enabled: boolean;
  /** The whole document, but for its status. */
  readonly document: string;
};

export class Entry {
  readonly words: KindWords;
  readonly reference: string;
  known: Known | undefined;
  pending: Pending | undefined;
  isGone = false;

  constructor(words: KindWords, reference: string) {
    this.words = words;
    this.reference = reference;
  }

  /** The answer to a create, an update or a reading. */
  learn(reply: Reply): void {
    this.known = knownOf(this.words, reply);
    this.pending = undefined;
  }

  vanish(): void {
    this.isGone = true;
    this.pending = undefined;
  }
}

/** How writes without an answer turned out. */
export type Resolved = { readonly kind: Pending['kind']; readonly happened: boolean };

/**
 * Reads everything from the server and compares; fails at the first difference. `besides`: the path
 * of what stands there and is held to its promises elsewhere.
 */
export async function audit(
  api: ApiCaller,
  entries: readonly Entry[],
  besides: string | undefined,
): Promise<readonly Resolved[]> {
  const standing = new Map<string, Reply>();
  for (const words of bothKinds) {
    for (const id of await listAll(api, words)) {
      const path = `${words.path}/${id}`;
      if (path === besides) continue;
      const reply = await api.get(path);
      assertStatus(reply, 200);
      const config = await api.get(`${path}/config`);
      assert.equal(etagOf(config), etagOf(reply), 'info and config have one ETag');
      standing.set(id, reply);
    }
  }
  const resolved: Resolved[] = [];
  for (const entry of entries) {
    const reply = take(standing, entry);
    const happened = compare(entry, reply);
    if (entry.pending === undefined) continue;
    resolved.push({ kind: entry.pending.kind, happened });
    await sendAgain(api, entry, entry.pending, reply);
  }
  const strangers = [...standing.values()].map(({ body }) => body);
  assert.deepEqual(strangers, [], 'nothing stands there that nobody asked for');
  return resolved;
}

async function listAll(api: ApiCaller, words: KindWords): Promise<readonly string[]> {
  const ids: string[] = [];
  let marker = '';
  for (;;) {
    const page = await api.get(`${words.path}?Marker=${marker}`);
    assertStatus(page, 200);
    ids.push(...allTexts(page, words.summary, 'Id'));
    marker = textAt(page, 'NextMarker');
    if (marker === '') return ids;
  }
}

/** What stands for the entry, found by its id or by its reference; at most one may. */
function take(standing: Map<string, Reply>, { known, reference, words }: Entry): Reply | undefined {
  const own = [...standing].filter(
    ([id, reply]) =>
      id === known?.id || textAt(reply, `${words.config}/CallerReference`) === reference,
  );
  assert(own.length <= 1, `${reference} stands there more than once`);
  const [only] = own;
  if (only === undefined) return undefined;
  standing.delete(only[0]);
  return only[1];
}

/** Did the write without an answer happen? False where there was none. */
function compare(
  { isGone, known, pending, reference, words }: Entry,
  reply: Reply | undefined,
): boolean {
  if (isGone) {
    assert.equal(reply, undefined, `${reference} was deleted, and is there again`);
    return false;
  }
  if (reply === undefined) {
    const mayBeAbsent = pending?.kind === 'create' || pending?.kind === 'delete';
    assert(mayBeAbsent, `${reference} was acknowledged, and is lost`);
    return pending.kind === 'delete';
  }
  if (known === undefined) {
    assert(pending?.kind === 'create');
    return true;
  }
  const now = knownOf(words, reply);
  if (now.etag === known.etag) {
    assert.deepEqual(now, known, `${reference} has its ETag and another content`);
    return false;
  }
  assert(pending?.kind === 'update', `${reference} changed, and nobody asked for that`);
  assert.equal(textAt(reply, `${words.config}/Comment`), pending.comment);
  assert.equal(now.id, known.id);
  assert.equal(now.domain, known.domain);
  return true;
}

/** Sends the write again as a careful client does: by its reference, or by the ETag it knew. */
async function sendAgain(
  api: ApiCaller,
  entry: Entry,
  pending: Pending,
  standing: Reply | undefined,
): Promise<void> {
  const { known, words } = entry;
  if (pending.kind === 'create') {
    const reply = await api.post(words.path, pending.body);
    assertStatus(reply, 201);
    if (standing !== undefined) {
      assert.equal(textAt(reply, 'Id'), textAt(standing, 'Id'), 'a replay creates nothing');
      assert.equal(etagOf(reply), etagOf(standing));
    }
    entry.learn(reply);
    return;
  }
  assert(known !== undefined, 'only what was acknowledged is updated or deleted');
  if (pending.kind === 'update') {
    const again = await api.put(`${known.path}/config`, known.etag, pending.body);
    if (standing !== undefined && etagOf(standing) === known.etag) {
      assertStatus(again, 200);
      entry.learn(again);
    } else {
      assertRefused(again, 412, 'PreconditionFailed');
      const read = await api.get(known.path);
      assertStatus(read, 200);
      entry.learn(read);
    }
    return;
  }
  if (standing === undefined) {
    assertRefused(await api.delete(known.path, known.etag), 404, words.noSuch);
  } else {
    await untilDeployed(api, known.path);
    assertStatus(await api.delete(known.path, known.etag), 204);
  }
  entry.vanish();
}

function knownOf(words: KindWords, reply: Reply): Known {
  const id = textAt(reply, 'Id');
  return {
    id,
    path: `${words.path}/${id}`,
    domain: textAt(reply, 'DomainName'),
    etag: etagOf(reply),
    enabled: textAt(reply, `${words.config}/Enabled`) === 'true',
    document: reply.body.replace(/<Status>\w+<\/Status>/, ''),
  };
}
