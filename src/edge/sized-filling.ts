/**
 * A filling whose length is known only at its end: the object that it becomes says it, so that hits
 * can, though the first answer went out in chunks (edge contract 6.4, rule 25).
 */
import type { Filling, StoredObject } from '../cache/stored-object.ts';
import { withHeader } from '../http/header-list.ts';

export class SizedFilling implements Filling {
  readonly #filling: Filling;
  #length = 0;

  constructor(filling: Filling) {
    this.#filling = filling;
  }

  add(piece: Uint8Array): boolean {
    this.#length += piece.length;
    return this.#filling.add(piece);
  }

  room(): Promise<void> | undefined {
    return this.#filling.room();
  }

  readSoFar(at: number): Uint8Array | Promise<Uint8Array> {
    return this.#filling.readSoFar(at);
  }

  finish(object: Omit<StoredObject, 'body'>): StoredObject | undefined {
    const headers = withHeader(object.headers, 'Content-Length', String(this.#length));
    return this.#filling.finish({ ...object, headers });
  }

  abandon(): void {
    this.#filling.abandon();
  }
}
