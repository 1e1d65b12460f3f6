/**
 * Does a name of somebody else's zone lead viewers to a name of ours? Asked of the resolvers of this
 * machine, as any viewer would ask: by CNAME records, or where a zone has no CNAME there, as at its apex,
 * by the addresses that both names have.
 */
import { Resolver } from 'node:dns/promises';
import type { Pointing } from '../model/host-name.ts';

type Records = Pick<Resolver, 'resolveCname' | 'resolve4' | 'resolve6'>;

const aliasesMax = 8;
const timeoutMs = 2_000;
const tries = 2;

/** Each question is asked of each resolver `tries` times, and waits 2 seconds the first time. */
export function systemRecords(servers?: readonly string[]): Records {
  const resolver = new Resolver({ timeout: timeoutMs, tries });
  if (servers !== undefined) resolver.setServers(servers);
  return resolver;
}

/** Never rejects. Both names in lower case. */
export async function pointingOf(
  name: string,
  target: string,
  records: Records = systemRecords(),
): Promise<Pointing> {
  try {
    const last = await endOfAliases(name, target, records);
    if (last === target) return { kind: 'there' };
    const [own, meant] = await Promise.all([
      addressesOf(last, records),
      addressesOf(target, records),
    ]);
    if (own.some((address) => meant.includes(address))) return { kind: 'there' };
    if (last !== name) {
      return { kind: 'elsewhere', why: `it is an alias of ${last}, and not of ${target}` };
    }
    const why =
      own.length === 0
        ? 'it has no record'
        : `it has addresses of its own, and none of those of ${target}`;
    return { kind: 'elsewhere', why };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'unknown', why: `no resolver could tell: ${why}` };
  }
}

/** The name behind all CNAME records, or the target as soon as it is met. */
async function endOfAliases(name: string, target: string, records: Records): Promise<string> {
  let at = name;
  for (let hops = 0; hops < aliasesMax && at !== target; hops += 1) {
    const [next] = await unlessNone(records.resolveCname(at));
    if (next === undefined) return at;
    at = next.toLowerCase().replace(/\.$/, '');
  }
  return at;
}

async function addressesOf(name: string, records: Records): Promise<readonly string[]> {
  const [four, six] = await Promise.all([
    unlessNone(records.resolve4(name)),
    unlessNone(records.resolve6(name)),
  ]);
  return [...four, ...six];
}

/** That there is no such record, or no such name, is an answer. */
async function unlessNone(asked: Promise<string[]>): Promise<readonly string[]> {
  try {
    return await asked;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENODATA' || code === 'ENOTFOUND') return [];
    throw error;
  }
}
