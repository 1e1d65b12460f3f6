/** Reads given texts by a table of settings, and says of each fault where it came from. */
import assert from 'node:assert/strict';
import type { Setting } from './setting.ts';
import { defaultSource, type Given, SettingFault, type Source } from './sources.ts';
import { type Files, ValueFault } from './values.ts';

export class SettingReader {
  readonly #given: Given;
  readonly #files: Files;

  constructor(given: Given, files: Files) {
    this.#given = given;
    this.#files = files;
  }

  list<T>(setting: Setting<T>): readonly T[] {
    const { source, texts } = this.#of(setting);
    return texts.map((text) => {
      try {
        return setting.read(text, { folder: source.folder, files: this.#files });
      } catch (error) {
        if (!(error instanceof ValueFault)) throw error;
        throw this.fault(setting, `${error.message}. It takes ${setting.accepts}`);
      }
    });
  }

  optional<T>(setting: Setting<T>): T | undefined {
    return this.list(setting)[0];
  }

  one<T>(setting: Setting<T>): T {
    const [value] = this.list(setting);
    assert(value !== undefined, 'a setting without a default is optional');
    return value;
  }

  /** `why` without a full stop. */
  fault(setting: Setting<unknown>, why: string): SettingFault {
    return new SettingFault(`--${setting.name} (from ${this.#of(setting).source.said}): ${why}.`);
  }

  comesFrom(setting: Setting<unknown>): Source['kind'] {
    return this.#of(setting).source.kind;
  }

  #of(setting: Setting<unknown>): { texts: readonly string[]; source: Source } {
    return this.#given.get(setting.name) ?? { texts: setting.default, source: defaultSource };
  }
}
