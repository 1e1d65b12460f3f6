/**
 * Chromium, headless, with a home of its own: opens one page and tells what it made of it, its
 * judgment of the connection included. What it trusts beside its own roots is put where a person's
 * own trust would be, in the NSS database of the home; nothing is told to be overlooked.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { needs, program } from './programs.ts';

const run = promisify(execFile);

export type PageSeen = {
  /** What a person reads on it. */
  readonly text: string;
  /** Chromium's own word: `secure`, `insecure`, `insecure-broken`, `neutral`. */
  readonly security: string;
  /** Why the page did not load, such as `net::ERR_CERT_AUTHORITY_INVALID`; '' where it did. */
  readonly failure: string;
  /** Of the certificate; '' where there is none. */
  readonly issuer: string;
  readonly protocol: string;
  /** Of HTTP, by its ALPN name: `h2`, `http/1.1`. */
  readonly hop: string;
  /** PNG. */
  readonly screenshot: Buffer;
};

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--window-size=900,400',
  '--remote-debugging-port=0',
] as const;
const answerMsMax = 30_000;

/** Options for a test, as of `needs`: Chromium trusts what certutil puts into its database. */
export function needsChromium(): { readonly skip: string | false } {
  const { skip } = needs('chromium');
  return skip === false ? needs('certutil') : { skip };
}

/** `authority`: PEM of an authority that the person trusts. */
export async function browse(url: string, authority: string | undefined): Promise<PageSeen> {
  const home = await mkdtemp(join(tmpdir(), 'warmfront-chromium-'));
  try {
    if (authority !== undefined) await trust(home, authority);
    const child = spawn(
      program('chromium'),
      [...flags, `--user-data-dir=${join(home, 'profile')}`, 'about:blank'],
      { env: { ...process.env, HOME: home }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const ended = once(child, 'exit');
    try {
      return await visit(await Browser.of(child), url);
    } finally {
      child.kill();
      await ended;
    }
  } finally {
    // The processes that Chromium started may still be writing their last.
    await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

async function trust(home: string, authority: string): Promise<void> {
  const database = join(home, '.pki', 'nssdb');
  const file = join(home, 'authority.pem');
  await mkdir(database, { recursive: true });
  await writeFile(file, authority);
  const certutil = program('certutil');
  await run(certutil, ['-d', `sql:${database}`, '-N', '--empty-password']);
  await run(certutil, ['-d', `sql:${database}`, '-A', '-n', 'authority', '-t', 'C,,', '-i', file]);
}

async function visit(browser: Browser, url: string): Promise<PageSeen> {
  const { targetId } = await browser.asks('Target.createTarget', { url: 'about:blank' });
  const attached = await browser.asks('Target.attachToTarget', { targetId, flatten: true });
  const sessionId = textOf(attached['sessionId']);
  const asks = (method: string, params: Fields = {}): Promise<Fields> =>
    browser.asks(method, params, sessionId);
  await asks('Page.enable');
  await asks('Security.enable');
  const loaded = browser.hears('Page.loadEventFired');
  const navigated = await asks('Page.navigate', { url });
  const failure = textOf(navigated['errorText']);
  if (failure === '') await loaded;
  const read = await asks('Runtime.evaluate', { expression: 'document.body?.innerText ?? ""' });
  const timed = await asks('Runtime.evaluate', {
    expression: 'performance.getEntriesByType("navigation")[0]?.nextHopProtocol ?? ""',
  });
  const { data } = await asks('Page.captureScreenshot', { format: 'png' });
  const state = fieldsOf(browser.last('Security.visibleSecurityStateChanged'));
  const visible = fieldsOf(state['visibleSecurityState']);
  const certificate = fieldsOf(visible['certificateSecurityState']);
  return {
    text: textOf(fieldsOf(read['result'])['value']),
    security: textOf(visible['securityState']),
    failure,
    issuer: textOf(certificate['issuer']),
    protocol: textOf(certificate['protocol']),
    hop: textOf(fieldsOf(timed['result'])['value']),
    screenshot: Buffer.from(textOf(data), 'base64'),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The DevTools protocol, as little of it as is needed. */
class Browser {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (answer: Fields) => void>();
  readonly #events = new Map<string, unknown>();
  readonly #waiting = new Map<string, () => void>();
  #asked = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) =>
      this.#take(fieldsOf(JSON.parse(String(data)))),
    );
  }

  static async of(child: ChildProcess): Promise<Browser> {
    assert(child.stderr !== null);
    const lines = createInterface(child.stderr);
    const said: string[] = [];
    const address = await inTime(
      new Promise<string>((resolve, reject) => {
        lines.on('line', (line) => {
          said.push(line);
          const found = /^DevTools listening on (ws:\/\/\S+)$/.exec(line)?.[1];
          if (found !== undefined) resolve(found);
        });
        lines.on('close', () => reject(new Error(`Chromium ended:\n${said.join('\n')}`)));
      }),
      'Chromium starts',
    );
    const socket = new WebSocket(address);
    await inTime(once(socket, 'open'), 'Chromium listens');
    return new Browser(socket);
  }

  async asks(method: string, params: Fields = {}, sessionId?: string): Promise<Fields> {
    const id = (this.#asked += 1);
    const answer = new Promise<Fields>((resolve) => this.#answers.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    const { error, result } = await inTime(answer, `${method} is answered`);
    assert.equal(error, undefined, `${method}: ${JSON.stringify(error)}`);
    return fieldsOf(result);
  }

  async hears(event: string): Promise<void> {
    const heard = new Promise<void>((resolve) => this.#waiting.set(event, resolve));
    await inTime(heard, `${event} comes`);
  }

  /** What came last with this event. */
  last(event: string): unknown {
    return this.#events.get(event);
  }

  #take({ id, method, params, ...rest }: Fields): void {
    if (typeof id === 'number') this.#answers.get(id)?.(rest);
    if (typeof method !== 'string') return;
    this.#events.set(method, params);
    this.#waiting.get(method)?.();
  }
}

async function inTime<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it is not so that ${what}`)), answerMsMax);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
