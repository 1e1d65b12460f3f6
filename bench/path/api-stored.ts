/**
 * Whether a call costs more where much is stored: API 2020-05-31 with 1, 100 and 10,000 distributions
 * in the account, its quota raised. Each has a name and an alias of its own. A round creates a hundred
 * more at once and takes them away again when it is over, so what is stored stays what it was.
 */
import { downloadConfig } from '../../src/cli/new-distribution.ts';
import type { DistributionConfig } from '../../src/wire/shapes.generated.ts';
import { ApiConnection } from '../harness/api-connection.ts';
import type { Asked, Benchmark } from '../harness/benchmark.ts';
import type { Figure, Target } from '../harness/figure.ts';
import { untilQuiet } from '../harness/machine.ts';
import { withServer } from '../harness/served.ts';
import { signedCall } from '../harness/signed-call.ts';
import { onConnections, Timings } from '../harness/timings.ts';

const storedCounts = [1, 100, 10_000] as const;
const connectionCounts = [1, 16] as const;
/** More than what is stored and what a round adds. */
const more = ['--limit', 'distributions=20000'] as const;
const changesARound = 100;
/** Of the actions that change nothing. */
const readsARound = 400;
const target: Target = { of: 'p99', below: 20 };

const actions = ['create', 'get', 'list of 100', 'update'] as const;
type Action = (typeof actions)[number];

export const apiStored: Benchmark = {
  name: 'api-stored',
  measures: 'calls a second and latency with 1, 100 and 10,000 distributions stored',
  async run(asked) {
    const figures: Figure[] = [];
    for (const stored of storedCounts) {
      figures.push(...(await withStored(stored, asked)));
    }
    return { kind: 'figures', figures, notes: [] };
  },
};

function withStored(stored: number, { quick, say }: Asked): Promise<readonly Figure[]> {
  return withServer({ home: 'disk', edges: 1, more }, async ({ addresses }) => {
    const all = await Promise.all(
      Array.from({ length: Math.max(...connectionCounts) }, () =>
        ApiConnection.open(addresses.api),
      ),
    );
    say(`${stored} distributions are made`);
    const account = new Account(all[0]?.host ?? '');
    await new Timings<'fill'>().each('fill', all, stored, (api, index) =>
      account.create(api, `stored-${index}`),
    );
    const figures: Figure[] = [];
    for (const count of connectionCounts) {
      const connections = all.slice(0, count);
      const timings = new Timings<Action>();
      // The first round runs code for the first time, and is not counted.
      await round('warm-up', connections, account, timings);
      timings.clear();
      for (let index = 0; index < (quick ? 1 : 10); index += 1) {
        await untilQuiet();
        say(`${stored} stored${onConnections(count)}, round ${index + 1}`);
        await round(`${count}-${index}`, connections, account, timings);
      }
      const of = `, ${stored.toLocaleString('en-US')} stored${onConnections(count)}`;
      figures.push(...actions.flatMap((action) => timings.figures(action, of, { target })));
    }
    for (const api of all) api.close();
    return figures;
  });
}

async function round(
  name: string,
  apis: readonly ApiConnection[],
  account: Account,
  timings: Timings<Action>,
): Promise<void> {
  const stored = account.known.length;
  const send = (action: Action, requests: readonly Buffer[]) =>
    timings.each(action, apis, requests.length, (api, index) =>
      timings.timed(action, () => api.mustSend(requests[index] ?? Buffer.alloc(0))),
    );
  await send(
    'get',
    laidOut((index) => account.getting(index * 7919), readsARound),
  );
  await send(
    'list of 100',
    laidOut((index) => account.listing(index * 7919), readsARound),
  );
  const updates = laidOut((index) => account.updating(index), Math.min(changesARound, stored));
  // With fewer stored than updates, one is updated again and again, each under the ETag of the last.
  await timings.each('update', apis.slice(0, stored), changesARound, async (api, index) => {
    const request = updates[index] ?? account.updating(index);
    const answer = await timings.timed('update', () => api.mustSend(request));
    account.updated(index, answer.etag);
  });
  const creates = laidOut((index) => account.creating(`${name}-${index}`), changesARound);
  const made: { id: string; etag: string }[] = [];
  await timings.each('create', apis, changesARound, async (api, index) => {
    const answer = await timings.timed('create', () =>
      api.mustSend(creates[index] ?? Buffer.alloc(0)),
    );
    made[index] = { id: idIn(answer.body), etag: answer.etag };
  });
  await new Timings<'remove'>().each('remove', apis, changesARound, (api, index) => {
    const { etag = '', id = '' } = made[index] ?? {};
    return account.remove(api, { id, etag, reference: `${name}-${index}` });
  });
}

function laidOut(make: (index: number) => Buffer, count: number): readonly Buffer[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

type Known = { readonly id: string; readonly reference: string; etag: string };

/** What is stored, and calls about it. */
class Account {
  readonly known: Known[] = [];
  readonly #host: string;

  constructor(host: string) {
    this.#host = host;
  }

  async create(api: ApiConnection, reference: string): Promise<void> {
    const { body, etag } = await api.mustSend(this.creating(reference));
    this.known.push({ id: idIn(body), reference, etag });
  }

  creating(reference: string): Buffer {
    return signedCall(this.#host, 'CreateDistribution', { DistributionConfig: config(reference) });
  }

  getting(index: number): Buffer {
    return signedCall(this.#host, 'GetDistribution', { Id: this.#at(index).id });
  }

  /** A page that begins after any of them; the whole list where it is short. */
  listing(index: number): Buffer {
    const Marker = this.known.length <= 100 ? undefined : this.#at(index).id;
    return signedCall(this.#host, 'ListDistributions', { Marker });
  }

  updating(index: number): Buffer {
    const { etag, id, reference } = this.#at(index);
    return signedCall(this.#host, 'UpdateDistribution', {
      Id: id,
      IfMatch: etag,
      DistributionConfig: config(reference, { Comment: `changed ${etag}` }),
    });
  }

  updated(index: number, etag: string): void {
    this.#at(index).etag = etag;
  }

  async remove(api: ApiConnection, { etag, id, reference }: Known): Promise<void> {
    const disabled = await api.mustSend(
      signedCall(this.#host, 'UpdateDistribution', {
        Id: id,
        IfMatch: etag,
        DistributionConfig: config(reference, { Enabled: false }),
      }),
    );
    const get = signedCall(this.#host, 'GetDistribution', { Id: id });
    while (!(await api.mustSend(get)).body.includes('<Status>Deployed<'));
    await api.mustSend(
      signedCall(this.#host, 'DeleteDistribution', { Id: id, IfMatch: disabled.etag }),
    );
  }

  #at(index: number): Known {
    const one = this.known[index % this.known.length];
    if (one === undefined) throw new Error('nothing is stored');
    return one;
  }
}

function config(reference: string, said: Partial<DistributionConfig> = {}): DistributionConfig {
  const made = downloadConfig({
    callerReference: reference,
    origin: {
      kind: 'custom',
      domainName: 'origin.example.com',
      httpPort: 80,
      httpsPort: 443,
      protocolPolicy: 'http-only',
    },
    aliases: [`${reference}.example.com`],
    comment: 'stored',
    enabled: true,
    defaultRootObject: 'index.html',
    logging: undefined,
    trustedSigners: [],
    httpsOnly: false,
  });
  return { ...made, ...said };
}

function idIn(body: string): string {
  const id = /<Id>(\w+)</.exec(body)?.[1];
  if (id === undefined) throw new Error(`no id in ${body}`);
  return id;
}
