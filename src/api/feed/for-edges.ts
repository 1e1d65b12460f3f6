/**
 * What of a record goes to an edge. Documents that no edge needs are left out, the record's number
 * stays. Private keys of certificates are sealed anew, with the key that this edge's token gives: the
 * key they are sealed with in the log never leaves the machines of the API. Every other record is
 * written once for all edges, those too that the log gives anew to each edge that takes a whole state:
 * a thousand edges that come back at one moment ask for a million lines.
 */
import { BoundedMap } from '../../base/bounded-map.ts';
import { type Change, decodeKey, type LogRecord } from '../../base/log-record.ts';
import type { Randomness } from '../../base/randomness.ts';
import { seal, unseal } from '../../base/sealing.ts';
import { writeLine } from '../../feed/lines.ts';
import { sealingContext } from '../../model/certificate.ts';
import { putCertificate, readCertificateDocument } from '../../model/document.ts';

export type Sealing = {
  /** Of the log. */
  readonly own: Uint8Array;
  readonly randomness: Randomness;
};

/** As many as edges have documents of, and 64 MB at the very most. */
const linesMax = 8_192;
const lineCharactersMax = 8_192;

const notForEdges: ReadonlySet<string> = new Set(['edge-token', 'tags']);

export class RecordLines {
  readonly #sealing: Sealing;
  readonly #written = new BoundedMap<string, string>(linesMax);

  constructor(sealing: Sealing) {
    this.#sealing = sealing;
  }

  /** `sealingKey`: that of the edge. */
  lineFor(record: LogRecord, sealingKey: Uint8Array): string {
    const id = idOf(record);
    const written = this.#written.get(id);
    if (written !== undefined) return written;
    let forOne = false;
    const changes: Change[] = [];
    for (const change of record.changes) {
      const { kind } = decodeKey(change.key);
      if (notForEdges.has(kind)) continue;
      const isSealed = kind === 'certificate' && change.value !== null;
      forOne ||= isSealed;
      changes.push(isSealed ? this.#sealedAnew(change, sealingKey) : change);
    }
    const line = writeLine({ kind: 'record', record: { ...record, changes } });
    if (!forOne && line.length <= lineCharactersMax) this.#written.set(id, line);
    return line;
  }

  /** A box that does not open here goes on as it is: the edge says that it cannot be opened. */
  #sealedAnew(change: Change, sealingKey: Uint8Array): Change {
    if (change.value === null) return change;
    const certificate = readCertificateDocument(change.value);
    const context = sealingContext(certificate);
    const opened = unseal(this.#sealing.own, certificate.sealedKey, context);
    if (opened.kind !== 'open') return change;
    const secret = { text: opened.text, context };
    const sealedKey = seal(sealingKey, secret, this.#sealing.randomness);
    return putCertificate({ ...certificate, sealedKey });
  }
}

/** A record is one write, of which a reader that catches up is told what is still the newest of its key. */
function idOf({ changes, revision, writeId }: LogRecord): string {
  return `${revision} ${writeId} ${changes.map(({ key }) => key).join(' ')}`;
}
