/**
 * Messages of DNS: what a query asks, and an answer as bytes. The form is a package's work; what is
 * given to it is bounded and looked at first, and a message that it cannot read is a fault of the
 * sender, never ours. Nothing is ever said to what is itself an answer, so that two servers cannot be
 * set to talk to each other.
 */
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  RECURSION_DESIRED,
  type RecordType,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import { branded } from '../base/brand.ts';

export const rcodes = {
  ok: 0,
  malformed: 1,
  failed: 2,
  noName: 3,
  unknownKind: 4,
  refused: 5,
} as const;
export type Rcode = (typeof rcodes)[keyof typeof rcodes];

/** What an answer may have over UDP unless the sender takes more; and what it has at most. */
const plainBytesMax = 512;
const udpBytesMax = 1_232;
export const messageBytesMax = 4_096;
const headerBytes = 12;
const additionalsMax = 4;
const subnetCode = 8;
const badVersion = 1;

/** The network that a resolver asks for (RFC 7871). */
export type Subnet = {
  readonly family: 4 | 6;
  /** In text. */
  readonly address: string;
  readonly bits: number;
};

export type Query = {
  readonly id: number;
  readonly wantsRecursion: boolean;
  /** As it was written, for the answer. */
  readonly name: string;
  readonly type: string;
  /** Undefined: the sender speaks no EDNS. */
  readonly edns:
    | { readonly bytesMax: number; readonly subnet: Subnet | undefined; readonly version: number }
    | undefined;
};

export type Read =
  | { readonly kind: 'query'; readonly query: Query }
  /** Answered by the code alone. */
  | { readonly kind: 'fault'; readonly id: number; readonly rcode: Rcode }
  | { readonly kind: 'nothing' };

export type Said = {
  readonly rcode: Rcode;
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
  /** Of the subnet that was asked for, the bits that the answer depends on. */
  readonly scopeBits: number;
};

export function readQuery(bytes: Buffer): Read {
  if (bytes.length < headerBytes || bytes.length > messageBytesMax) return { kind: 'nothing' };
  const id = bytes.readUInt16BE(0);
  const flags = bytes.readUInt16BE(2);
  if ((flags & 0x8000) !== 0) return { kind: 'nothing' };
  const fault = (rcode: Rcode): Read => ({ kind: 'fault', id, rcode });
  if (((flags >> 11) & 0xf) !== 0) return fault(rcodes.unknownKind);
  const [questions, answers, authorities, additionals] = [4, 6, 8, 10].map((at) =>
    bytes.readUInt16BE(at),
  );
  if (questions !== 1 || answers !== 0 || authorities !== 0) return fault(rcodes.malformed);
  if ((additionals ?? 0) > additionalsMax) return fault(rcodes.malformed);
  try {
    const packet = decode(bytes);
    const question = packet.questions?.[0];
    if (question === undefined) return fault(rcodes.malformed);
    if (!isPlain(question.name, bytes)) return fault(rcodes.refused);
    if (question.class !== 'IN') return fault(rcodes.refused);
    const opts = (packet.additionals ?? []).filter((one) => one.type === 'OPT');
    if (opts.length > 1) return fault(rcodes.malformed);
    const [opt] = opts;
    const edns =
      opt === undefined
        ? undefined
        : {
            bytesMax: Math.min(udpBytesMax, Math.max(plainBytesMax, opt.udpPayloadSize)),
            version: opt.ednsVersion,
            subnet: subnetOf(opt.options.find(({ code }) => code === subnetCode)?.data),
          };
    const { name, type } = question;
    const wantsRecursion = (flags & RECURSION_DESIRED) !== 0;
    return { kind: 'query', query: { id, wantsRecursion, name, type, edns } };
  } catch {
    return fault(rcodes.malformed);
  }
}

/**
 * A label may hold any byte, a dot and a line's end too, which the package would write otherwise than
 * they came. Names that we answer for are visible ASCII.
 */
function isPlain(name: string, bytes: Buffer): boolean {
  if (!/^[\x21-\x7e]+$/.test(name)) return false;
  const written = name === '.' ? [] : name.split('.').map((label) => Buffer.from(label));
  const again = Buffer.concat([
    ...written.flatMap((label) => [Buffer.from([label.length]), label]),
    Buffer.from([0]),
  ]);
  return again.equals(bytes.subarray(headerBytes, headerBytes + again.length));
}

/** Throws where the option is malformed: RFC 7871 section 7.1.1 wants that told. */
function subnetOf(data: Buffer | undefined): Subnet | undefined {
  if (data === undefined) return undefined;
  const family = data.readUInt16BE(0);
  const bits = data.readUInt8(2);
  const scope = data.readUInt8(3);
  const given = data.subarray(4);
  if (family !== 1 && family !== 2) throw new Error('a family of addresses that is not known');
  const bytes = family === 1 ? 4 : 16;
  if (scope !== 0 || bits > bytes * 8 || given.length !== Math.ceil(bits / 8)) {
    throw new Error('a subnet that is none');
  }
  const whole = Buffer.alloc(bytes);
  given.copy(whole);
  if (family === 1) return { family: 4, address: whole.join('.'), bits };
  const groups = Array.from({ length: 8 }, (_, index) =>
    whole.readUInt16BE(index * 2).toString(16),
  );
  return { family: 6, address: groups.join(':'), bits };
}

export function writeFault(id: number, rcode: Rcode): Buffer {
  return encode({ type: 'response', id, flags: rcode });
}

/** `over: tcp` has room for all that we ever say. Too long for UDP: the sender has to come by TCP. */
export function writeAnswer(query: Query, said: Said, over: 'udp' | 'tcp'): Buffer {
  // Of what we refuse we know nothing.
  const isOurs = said.rcode !== rcodes.refused && said.rcode !== rcodes.failed;
  const whole = encoded(query, said, isOurs ? AUTHORITATIVE_ANSWER : 0);
  const max = query.edns?.bytesMax ?? plainBytesMax;
  return over === 'tcp' || whole.length <= max ? whole : writeTruncated(query, said.rcode);
}

/** Says only that there is more, by TCP; no longer than the query. */
export function writeTruncated(query: Query, rcode: Rcode = rcodes.ok): Buffer {
  const said = { rcode, answers: [], authorities: [], scopeBits: 0 };
  return encoded(query, said, AUTHORITATIVE_ANSWER | TRUNCATED_RESPONSE);
}

function encoded(query: Query, said: Said, flags: number): Buffer {
  const { edns, id, name, type, wantsRecursion } = query;
  return encode({
    type: 'response',
    id,
    flags: flags | said.rcode | (wantsRecursion ? RECURSION_DESIRED : 0),
    questions: [{ name, type: branded<RecordType>(type), class: 'IN' }],
    answers: [...said.answers],
    authorities: [...said.authorities],
    additionals: edns === undefined ? [] : [ednsAnswer(edns, said.scopeBits)],
  });
}

function ednsAnswer({ subnet, version }: NonNullable<Query['edns']>, scopeBits: number): Answer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: udpBytesMax,
    extendedRcode: version === 0 ? 0 : badVersion,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options:
      subnet === undefined
        ? []
        : [
            {
              code: subnetCode,
              family: subnet.family === 4 ? 1 : 2,
              sourcePrefixLength: subnet.bits,
              scopePrefixLength: scopeBits,
              ip: subnet.address,
            },
          ],
  };
}
