/**
 * Opens the store of an edge machine's copy. A copy that is damaged, or of a form that this release
 * does not know, is no loss: it is put away, and the edge begins with a whole state. One that another
 * process holds is refused.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseWriteId } from '../base/log-record.ts';
import type { Recorder } from '../base/recorder.ts';
import { type Failure, explainFailure } from '../log/embedded-failure.ts';
import { blankLogId, copyFileName, EmbeddedStore } from '../log/embedded-store.ts';

const historyRecordsMax = 2_000;
const bytesMax = 4 * 1_073_741_824;

/** The message is for the operator. */
export class CopyUnavailable extends Error {
  override readonly name = 'CopyUnavailable';
  readonly code: Failure['code'];

  constructor({ code, message }: Failure) {
    super(message);
    this.code = code;
  }
}

/** `directory` undefined: nothing is kept. Throws a CopyUnavailable. */
export function openStore(directory: string | undefined, recorder: Recorder): EmbeddedStore {
  try {
    return openChecked(directory);
  } catch (thrown) {
    const failure = explainFailure(thrown, directory ?? '');
    const isUnfit = failure.code === 'unreadable' || failure.code === 'newer-format';
    if (directory === undefined || !isUnfit) throw new CopyUnavailable(failure);
    recorder.warn(
      { error: thrown },
      'the copy of the log cannot be read; a whole one is asked for',
    );
    try {
      for (const end of ['', '-wal', '-shm', '-journal']) {
        rmSync(join(directory, `${copyFileName}${end}`), { force: true });
      }
      return openChecked(directory);
    } catch (again) {
      throw new CopyUnavailable(explainFailure(again, directory));
    }
  }
}

function openChecked(directory: string | undefined): EmbeddedStore {
  const store = new EmbeddedStore({
    of: 'copy',
    directory,
    logId: blankLogId,
    writeId: parseWriteId('0'.repeat(32)),
    historyRecordsMax,
    bytesMax,
  });
  try {
    store.check();
    return store;
  } catch (thrown) {
    store.close();
    throw thrown;
  }
}
