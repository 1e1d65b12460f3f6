/**
 * Signed requests judged a second: signatures that were never seen, and those that were. Making the
 * signatures is no part of it; keys are RSA of 2,048 bits, as signers have them.
 */
import { generateKeyPairSync, verify } from 'node:crypto';
import { instant } from '../../src/base/clock.ts';
import { edgeBounds } from '../../src/edge/bounds.ts';
import {
  judgeSignedRequest,
  type SignedRequest,
  type SignedVerdict,
} from '../../src/edge/signed-access/judge.ts';
import { SignatureChecks } from '../../src/edge/signed-access/signature-checks.ts';
import { cannedPolicy, customPolicy, signedUrl, signPolicy } from '../../src/http/signed-url.ts';
import type { Benchmark } from '../harness/benchmark.ts';
import { type Figure, figure } from '../harness/figure.ts';
import { callsASecond } from '../harness/repeat.ts';

const host = 'd111111abcdef8.cloudfront.localhost';
const now = instant(1_800_000_000_000);
const expires = 1_800_003_600;
const keyPairId = 'APKAEXAMPLEEXAMPLE01';
/** Requests that a worker has under way at one time while signatures are new. */
const underWayMax = 64;

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const trust = {
  owner: '000000000000',
  signers: { self: true, accounts: [] },
  findInGroups: () => undefined,
  find: (id: string) => (id === keyPairId ? { account: '000000000000', publicKey } : undefined),
};

export const signedAccess: Benchmark = {
  name: 'signed-access',
  measures: 'judgeSignedRequest, by RSA keys of 2,048 bits',
  async run({ quick, say }) {
    const count = quick ? 200 : 1_000;
    const batches = quick ? 5 : 30;
    say(`${count} signatures of each kind`);
    const canned = requests(count, 'canned', expires);
    const custom = requests(count, 'custom', expires);
    const expired = requests(count, 'custom', 1);
    const forged = canned.map((request) => forge(request));

    const checks = new SignatureChecks(edgeBounds);
    const judge = (request: SignedRequest) => judgeSignedRequest(request, trust, { checks, now });
    for (const [kind, all] of [
      ['allowed', canned],
      ['allowed', custom],
      ['refused', expired],
      ['refused', forged],
    ] as const) {
      for (const request of all) expectKind(await judge(request), kind);
    }
    const known = (what: string, all: readonly SignedRequest[]): Figure => {
      say(what);
      return figure(
        what,
        '1/s',
        callsASecond((call) => judge(at(all, call)), batches),
      );
    };
    const fresh = async (what: string, all: readonly SignedRequest[]): Promise<Figure> => {
      say(what);
      const rates: number[] = [];
      for (let batch = -1; batch < batches; batch += 1) {
        const rate = await rateOfNew(all);
        if (batch >= 0) rates.push(rate);
      }
      return figure(what, '1/s', rates);
    };
    return {
      kind: 'figures',
      figures: [
        await fresh('new signature, canned policy', canned),
        await fresh('new signature, custom policy', custom),
        await fresh('new signature that is wrong', forged),
        known('verified already, canned policy', canned),
        known('verified already, custom policy', custom),
        known('known to be wrong', forged),
        known('expired', expired),
        figure(
          'for comparison: verify alone, in the thread of the edge',
          '1/s',
          plainVerify(batches),
        ),
      ],
      notes: [
        `New ones are verified in the threads of the platform, ${edgeBounds.signaturesAtOnceMax} at a time, while the edge goes on; ${underWayMax} requests are under way.`,
        `So many are remembered: ${edgeBounds.goodSignaturesMax} good ones and ${edgeBounds.badSignaturesMax} bad ones a worker; dates, address and resource are judged each time.`,
      ],
    };
  },
};

function requests(
  count: number,
  kind: 'canned' | 'custom',
  until: number,
): readonly SignedRequest[] {
  return Array.from({ length: count }, (_, index) => {
    const url = `http://${host}/films/season-1/${index}.ts`;
    const resource = `http*://${host}/films/season-1/*${index}.ts`;
    const policy = customPolicy({ resource, expires: until, sourceIp: '192.0.2.0/24' });
    const access =
      kind === 'canned' ? ({ kind, expires: until } as const) : ({ kind, policy } as const);
    const signed = new URL(signedUrl(url, access, { keyPairId, privateKey }));
    return {
      address: '192.0.2.1',
      headers: [],
      hostText: host,
      path: signed.pathname,
      query: signed.search.slice(1),
      scheme: 'http',
    };
  });
}

/** The signature of another length of life: as long as a good one, and wrong. */
function forge(request: SignedRequest): SignedRequest {
  const query = request.query?.replace(/Expires=\d+/, `Expires=${expires + 1}`);
  return { ...request, query };
}

async function rateOfNew(all: readonly SignedRequest[]): Promise<number> {
  const checks = new SignatureChecks(edgeBounds);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let request = all[next++]; request !== undefined; request = all[next++]) {
      await judgeSignedRequest(request, trust, { checks, now });
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: underWayMax }, worker));
  return (all.length / (performance.now() - begun)) * 1_000;
}

function plainVerify(batches: number): number[] {
  const policy = cannedPolicy(`http://${host}/films/a.ts`, expires);
  const signature = signPolicy(policy, privateKey);
  return callsASecond(() => verify('RSA-SHA1', Buffer.from(policy), publicKey, signature), batches);
}

function at<One>(all: readonly One[], call: number): One {
  const one = all[call % all.length];
  if (one === undefined) throw new Error('there is nothing to judge');
  return one;
}

function expectKind({ kind }: SignedVerdict, expected: SignedVerdict['kind']): void {
  if (kind !== expected) throw new Error(`a request is ${kind}, not ${expected}`);
}
