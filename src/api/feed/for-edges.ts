/**
 * What of a record goes to an edge. Documents that no edge needs are left out, the record's number
 * stays. Private keys of certificates are sealed anew, with the key that this edge's token gives: the
 * key they are sealed with in the log never leaves the machines of the API. Every other record is
 * written once for all edges.
 */
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

const notForEdges: ReadonlySet<string> = new Set(['edge-token', 'tags']);

export class RecordLines {
  readonly #sealing: Sealing;
  readonly #written = new WeakMap<LogRecord, string>();

  constructor(sealing: Sealing) {
    this.#sealing = sealing;
  }

  /** `sealingKey`: that of the edge. */
  lineFor(record: LogRecord, sealingKey: Uint8Array): string {
    const written = this.#written.get(record);
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
    if (!forOne) this.#written.set(record, line);
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
