/**
 * What is done in a round, and noted as it is seen: callers of the API that ask any process, viewers
 * that ask any edge, health of edges, and followers of the log. Nothing here judges.
 */
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { systemClock } from '../../src/base/clock.ts';
import { type Change, decodeKey } from '../../src/base/log-record.ts';
import { systemRandomness } from '../../src/base/randomness.ts';
import { ApiContact } from '../../src/feed/contact.ts';
import { identityByToken } from '../../src/feed/identity.ts';
import { FeedReader } from '../../src/feed/reader.ts';
import { documentKindOf, readDistribution } from '../../src/model/document.ts';
import { readEdgeToken } from '../../src/model/edge-token.ts';
import {
  allTexts,
  ApiCaller,
  documentOf,
  etagOf,
  find,
  type Reply,
  textAt,
} from '../harness/api-caller.ts';
import { configXml, customOrigin, download, namespace } from '../harness/kinds.ts';
import { pause } from '../harness/until.ts';
import type { Event, Followed, Outcome, Read, Spell, State, View, Write } from './history.ts';
import { type Api, type Edge, followerName, type Machines } from './machines.ts';
import { originHost } from './origin.ts';

/** Who has not been answered by then asks another one; what was asked may still be done. */
const answerMsMax = 4_000;
const edgeAnswerMsMax = 2_500;
const healthAnswerMsMax = 600;

/** A distribution that was answered once, so that its path and its domain are known. */
export type Known = { readonly reference: string; readonly path: string; readonly domain: string };

export type Answered = Spell & { readonly reply: Reply | undefined };

export class Recording {
  readonly machines: Machines;
  events: Event[] = [];
  #isSurprised = false;
  readonly #callers = new Map<string, ApiCaller>();
  readonly #agents = new Map<string, Agent>();
  readonly #stop = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #following: Promise<unknown>[] = [];
  /** Follower → the last position that it was told. */
  readonly told = new Map<string, number>();

  constructor(machines: Machines) {
    this.machines = machines;
    for (const api of machines.apis) this.#following.push(this.#follow(api));
  }

  /** What was noted so far; from here on it begins anew. */
  take(): readonly Event[] {
    const { events } = this;
    this.events = [];
    this.#isSurprised = false;
    return events;
  }

  /** Whether something was seen that is a breach by itself, so that a round need not go on. */
  get isSurprised(): boolean {
    return this.#isSurprised;
  }

  note(event: Event): void {
    this.events.push(event);
    this.#isSurprised ||= event.kind === 'surprise';
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error('the rounds are over'));
    for (const caller of this.#callers.values()) caller.close();
    for (const agent of this.#agents.values()) agent.destroy();
    await Promise.all(this.#following);
  }

  /** Resolves when nothing that was asked is still without an answer. */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Without a reply where none came in time, or where the process is not there. */
  async ask(api: Api, act: (caller: ApiCaller) => Promise<Reply>): Promise<Answered> {
    const caller = this.#callers.get(api.name) ?? new ApiCaller(api.url);
    this.#callers.set(api.name, caller);
    const sentMs = performance.now();
    const asked = act(caller).catch(() => undefined);
    this.#underWay.add(asked);
    void asked.finally(() => this.#underWay.delete(asked));
    const reply = await Promise.race([asked, pause(answerMsMax)]);
    const endedMs = performance.now();
    if (reply === undefined) return { sentMs, endedMs, reply: undefined };
    const { body, status } = reply;
    if (![200, 201, 204, 404, 409, 412, 503].includes(status)) {
      this.note({ kind: 'surprise', what: `${api.name} answered ${status} ${body}` });
    }
    return { sentMs, endedMs, reply };
  }

  async read(api: Api, { path, reference }: Known): Promise<Read | undefined> {
    const { reply, ...spell } = await this.ask(api, (caller) => caller.get(path));
    if (reply?.status !== 200) return undefined;
    const read: Read = { kind: 'read', distribution: reference, ...spell, ...told(reply) };
    this.note(read);
    return read;
  }

  /** Creates it; the answer says where it is. */
  async create(
    api: Api,
    reference: string,
    makes: State,
  ): Promise<{ readonly outcome: Outcome; readonly known: Known | undefined }> {
    const body = configOf(reference, makes);
    const answered = await this.ask(api, (caller) => caller.post(download.path, body));
    const { outcome } = this.#wrote(reference, undefined, makes, answered);
    const { reply } = answered;
    if (outcome !== 'accepted' || reply === undefined) return { outcome, known: undefined };
    const document = documentOf(reply);
    const id = find(document, 'Id')?.text ?? '';
    const domain = find(document, 'DomainName')?.text ?? '';
    return { outcome, known: { reference, path: `${download.path}/${id}`, domain } };
  }

  async update(
    api: Api,
    { path, reference }: Known,
    follows: Followed,
    makes: State,
  ): Promise<Write> {
    const body = configOf(reference, makes);
    const answered = await this.ask(api, (caller) =>
      caller.put(`${path}/config`, follows.etag, body),
    );
    return this.#wrote(reference, follows, makes, answered);
  }

  async delete(api: Api, { path, reference }: Known, follows: Followed): Promise<Write> {
    const answered = await this.ask(api, (caller) => caller.delete(path, follows.etag));
    return this.#wrote(reference, follows, 'deleted', answered);
  }

  /** The path of the invalidation, where it was answered; the same reference may be sent again. */
  async invalidate(
    api: Api,
    { path }: Known,
    { object, reference }: { readonly object: string; readonly reference: string },
  ): Promise<string | undefined> {
    const body =
      `<InvalidationBatch xmlns="${namespace}"><Path>/${object}.object</Path>` +
      `<CallerReference>${reference}</CallerReference></InvalidationBatch>`;
    const { reply } = await this.ask(api, (caller) => caller.post(`${path}/invalidation`, body));
    if (reply?.status !== 201) return undefined;
    return `${path}/invalidation/${textAt(reply, 'Id')}`;
  }

  #wrote(
    distribution: string,
    follows: Followed | undefined,
    makes: Write['makes'],
    { endedMs, reply, sentMs }: Answered,
  ): Write {
    const outcome = outcomeOf(reply);
    const etag =
      outcome === 'accepted' && makes !== 'deleted' && reply !== undefined
        ? etagOf(reply)
        : undefined;
    const write: Write = {
      kind: 'write',
      distribution,
      follows,
      makes,
      outcome,
      etag,
      sentMs,
      endedMs,
    };
    this.note(write);
    return write;
  }

  /** Whether the edge says that it is live. */
  async isLive(edge: Edge): Promise<boolean> {
    const sentMs = performance.now();
    const answer = await this.#get(edge, { port: edge.healthPort, path: '/_warmfront/health' });
    const endedMs = performance.now();
    if (answer === undefined || !answer.body.includes('"status":"ok"')) return false;
    this.note({ kind: 'live', edge: edge.name, sentMs, endedMs });
    return true;
  }

  /** What the edge serves at the root: the number of a state. */
  view(edge: Edge, { domain, reference }: Known): Promise<View | undefined> {
    const of = { kind: 'distribution', distribution: reference } as const;
    return this.#view(edge, { host: domain, path: '/' }, of, (body) => {
      const [name, number] = body.split('.');
      return name === reference ? Number(number) : undefined;
    });
  }

  viewObject(edge: Edge, { domain }: Known, object: string): Promise<View | undefined> {
    const of = { kind: 'object', object } as const;
    return this.#view(edge, { host: domain, path: `/${object}.object` }, of, Number);
  }

  async #view(
    edge: Edge,
    { host, path }: { readonly host: string; readonly path: string },
    of: View['of'],
    read: (body: string) => number | undefined,
  ): Promise<View | undefined> {
    const sentMs = performance.now();
    const answer = await this.#get(edge, { port: edge.viewerPort, path, host });
    const endedMs = performance.now();
    if (answer === undefined) return undefined;
    const seen = answer.status === 403 ? 'refused' : read(answer.body);
    if (seen === undefined || (seen !== 'refused' && answer.status !== 200)) {
      const what = `${edge.name} gave ${answer.status} ${answer.body.slice(0, 200)} for ${path} of ${host}`;
      this.note({ kind: 'surprise', what });
      return undefined;
    }
    const view: View = { kind: 'view', edge: edge.name, of, seen, sentMs, endedMs };
    this.note(view);
    return view;
  }

  #get(
    edge: Edge,
    { host, path, port }: { readonly port: number; readonly path: string; readonly host?: string },
  ): Promise<{ readonly status: number; readonly body: string } | undefined> {
    const agent = this.#agents.get(edge.name) ?? new Agent({ keepAlive: true });
    this.#agents.set(edge.name, agent);
    const ms = host === undefined ? healthAnswerMsMax : edgeAnswerMsMax;
    return new Promise((resolve) => {
      const asked = request(
        {
          host: '127.0.0.1',
          port,
          path,
          agent,
          signal: AbortSignal.timeout(ms),
          ...(host === undefined ? {} : { headers: { host } }),
        },
        (answer) => {
          let body = '';
          answer.setEncoding('utf8').on('data', (piece: string) => {
            body += piece;
          });
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
          answer.on('error', () => resolve(undefined));
          answer.on('close', () => resolve(undefined));
        },
      );
      asked.on('error', () => resolve(undefined));
      asked.end();
    });
  }

  /** Notes every record that the API process tells of, for as long as the rounds go on. */
  async #follow({ name, url }: Api): Promise<void> {
    const token = readEdgeToken(this.machines.followerToken);
    assert(token !== undefined);
    const contact = new ApiContact({
      urls: [url],
      edge: followerName,
      identity: identityByToken(token),
      authorities: undefined,
      clock: systemClock,
      randomness: systemRandomness,
    });
    const reader = new FeedReader({
      contact,
      clock: systemClock,
      randomness: systemRandomness,
      onHello: () => undefined,
    });
    for await (const event of reader.tail(undefined, this.#stop.signal)) {
      if (event.kind === 'record') {
        const { changes, revision, writeId } = event.record;
        const stamps = changes.flatMap(stampOf);
        this.note({ kind: 'told', follower: name, revision, writeId, stamps });
        this.told.set(name, Math.max(revision, this.told.get(name) ?? 0));
      }
      if (event.kind === 'caughtUp') this.told.set(name, event.cursor.revision);
    }
    contact.close();
    await reader.close();
  }
}

function stampOf({ key, value }: Change): readonly string[] {
  if (value === null || decodeKey(key).kind !== documentKindOf('download')) return [];
  return [readDistribution(value).config.comment];
}

function outcomeOf(reply: Reply | undefined): Outcome {
  if (reply === undefined || reply.status >= 500) return 'unknown';
  return reply.status < 300 ? 'accepted' : 'refused';
}

function configOf(reference: string, { cnames, enabled, number, stamp }: State): string {
  return configXml(download, {
    reference,
    cnames,
    enabled,
    comment: stamp,
    origin: customOrigin(originHost),
    more: `<DefaultRootObject>${reference}.${number}.txt</DefaultRootObject>`,
  });
}

function told(reply: Reply): Pick<Read, 'state' | 'etag' | 'isDeployed' | 'mayBeOld'> {
  const document = documentOf(reply);
  const config = find(document, download.config);
  const textOf = (name: string): string =>
    config === undefined ? '' : (find(config, name)?.text ?? '');
  const cnames = (config?.children ?? [])
    .filter(({ name }) => name === 'CNAME')
    .map(({ text }) => text);
  return {
    state: {
      stamp: textOf('Comment'),
      number: Number(textOf('DefaultRootObject').split('.')[1]),
      enabled: textOf('Enabled') === 'true',
      cnames,
    },
    etag: etagOf(reply),
    isDeployed: find(document, 'Status')?.text === 'Deployed',
    mayBeOld: reply.headers['warmfront-as-of'] !== undefined,
  };
}

/** Ids of all distributions, by the list. */
export function idsIn(reply: Reply): readonly string[] {
  return allTexts(reply, download.summary, 'Id');
}
