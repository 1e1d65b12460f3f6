/**
 * Transcripts: what goes over the wire, as text that people read and machines replay.
 *
 * A file is a conversation with one fresh server. Each exchange is prose, acts, a raw request,
 * `----`, the raw answer, `====`. Lines end in LF here and in CRLF on the wire, but for bodies. Acts
 * are lines that begin with `! ` and change the world first:
 *
 *   ! limit NAME=N            before the first exchange: one of the account's limits
 *   ! no reset                before the first exchange: started without --allow-reset
 *   ! N s pass                the clock moves on
 *   ! the edge catches up     every change so far is on the edge
 *   ! the log is full         no change can be recorded any more
 *   ! the service has a bug   reading a distribution fails in a way nobody foresaw
 *
 * In requests `{length}` is the size of the body and `{x*N}` a run of one character. What varies
 * from run to run has a name in braces, given in the order it appears: `{id}`, `{id2}`, `{etag}`,
 * `{name}` (a distribution's own label), `{requestId}`. Ids of other things, and ETags of identities,
 * are named for them: `{identity}`, `{identityEtag}`, `{userId}`, `{invalidation}`, `{keyPair}`.
 */

export type Transcript = { readonly exchanges: readonly Exchange[] };

export type Exchange = {
  readonly prose: string;
  readonly acts: readonly string[];
  readonly request: string;
  readonly answer: string;
};

const betweenBoth = '\n----\n';
const end = '\n====\n';

export function readTranscript(text: string): Transcript {
  const parts = text.split(end).filter((part) => part.trim() !== '');
  return { exchanges: parts.map(readExchange) };
}

function readExchange(part: string): Exchange {
  const [asked = '', answer = ''] = part.split(betweenBoth);
  const lines = asked.split('\n');
  const start = lines.findIndex((line) => /^[A-Z]+ \S+ HTTP\/1\.\d$/.test(line));
  if (start < 0) throw new Error(`an exchange has no request: ${part.slice(0, 200)}`);
  const before = lines.slice(0, start);
  return {
    prose: before
      .filter((line) => !line.startsWith('! '))
      .join('\n')
      .trim(),
    acts: before.filter((line) => line.startsWith('! ')).map((line) => line.slice(2)),
    request: lines.slice(start).join('\n'),
    answer,
  };
}

export function writeTranscript({ exchanges }: Transcript): string {
  return exchanges.map(writeExchange).join('\n');
}

function writeExchange({ acts, answer, prose, request }: Exchange): string {
  const before = [prose, ...acts.map((act) => `! ${act}`)].filter((line) => line !== '');
  return `${before.join('\n')}\n\n${request}${betweenBoth}${answer}${end}`;
}

const unfilled = /\{(?:id|etag|name|identity|identityEtag|userId|invalidation|keyPair)\d*\}/;

/** Whose id it is, by the element that it stands in; `id` for distributions. */
const idKinds: Readonly<Record<string, string>> = {
  CloudFrontOriginAccessIdentity: 'identity',
  CloudFrontOriginAccessIdentitySummary: 'identity',
  Invalidation: 'invalidation',
  InvalidationSummary: 'invalidation',
};

/** The names given so far to what varies. */
export class Names {
  readonly #byValue = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** The request as bytes on the wire. */
  fill(request: string): Buffer {
    let text = request.replace(/\{(.)\*(\d+)\}/g, (_, character: string, count: string) =>
      character.repeat(Number(count)),
    );
    for (const [value, name] of this.#byValue) text = text.replaceAll(`{${name}}`, value);
    const unknown = unfilled.exec(text)?.[0];
    if (unknown !== undefined) throw new Error(`no answer has given ${unknown} a value yet`);
    const headEnd = text.indexOf('\n\n');
    const head = headEnd < 0 ? text : text.slice(0, headEnd);
    const body = Buffer.from(headEnd < 0 ? '' : text.slice(headEnd + 2));
    const filled = head.replaceAll('{length}', String(body.length)).replaceAll('\n', '\r\n');
    return Buffer.concat([Buffer.from(`${filled}\r\n\r\n`), body]);
  }

  /** The answer as it stands in a transcript. */
  describe(answer: string): string {
    this.#learn('requestId', /^x-amz-request-id: (\S+)\r$/m.exec(answer)?.[1]);
    const isIdentity = answer.includes('<CloudFrontOriginAccessIdentity');
    this.#learn(isIdentity ? 'identityEtag' : 'etag', /^ETag: (\S+)\r$/m.exec(answer)?.[1]);
    for (const [, owner = '', id] of answer.matchAll(/<(\w+)[^<>]*><Id>([^<]*)<\/Id>/g)) {
      this.#learn(idKinds[owner] ?? 'id', id);
    }
    for (const [, id] of answer.matchAll(/<S3CanonicalUserId>([^<]*)</g)) this.#learn('userId', id);
    for (const [, id] of answer.matchAll(/"id":"(APKA\w+)"/g)) this.#learn('keyPair', id);
    for (const [, label] of answer.matchAll(/<DomainName>([^<.]*)\./g)) this.#learn('name', label);
    let text = answer;
    for (const [value, name] of this.#byValue) text = text.replaceAll(value, `{${name}}`);
    return text.replaceAll('\r\n', '\n').replace(/\n$/, '');
  }

  #learn(kind: string, value: string | undefined): void {
    if (value === undefined || this.#byValue.has(value)) return;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    // Every request has its own id, so numbers would tell nothing.
    const isNumbered = count > 1 && kind !== 'requestId';
    this.#byValue.set(value, isNumbered ? `${kind}${count}` : kind);
  }
}
