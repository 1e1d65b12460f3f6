/**
 * Where viewers are, as far as the databases of the operator know, and what the record is told where
 * a distribution needs to know and nothing does.
 */
import { BoundedMap } from '../base/bounded-map.ts';
import type { Recorder } from '../base/recorder.ts';
import { GeoDatabases, type Place } from '../geo/database.ts';

const toldMax = 1_000;

export class Places {
  readonly #databases: GeoDatabases;
  readonly #recorder: Recorder;
  readonly #told = new BoundedMap<string, true>(toldMax);
  #hasToldDamage = false;

  constructor(files: readonly Uint8Array[], recorder: Recorder) {
    this.#recorder = recorder;
    this.#databases = new GeoDatabases(files, (error) => this.#tellDamage(error));
  }

  /** `address` as the connection came from it. */
  find(address: string): Place {
    return this.#databases.find(address);
  }

  /** A restriction to countries has no effect without a database; told once for a distribution. */
  tellUnknown(distributionId: string): void {
    if (!this.#databases.isEmpty || this.#told.get(distributionId) !== undefined) return;
    this.#told.set(distributionId, true);
    this.#recorder.warn(
      { distribution: distributionId },
      'a distribution is restricted to countries, and without --geo-database none is known: all viewers are answered',
    );
  }

  #tellDamage(error: unknown): void {
    if (this.#hasToldDamage) return;
    this.#hasToldDamage = true;
    this.#recorder.error({ error }, 'a database of addresses is damaged; replace it and restart');
  }
}
