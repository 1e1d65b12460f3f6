/**
 * The decisions of the model and the fold of the log, over 10,000 distributions: what one change
 * costs the thread of the API before and after the disk, and what a start costs that reads them all.
 */
import { instant } from '../../src/base/clock.ts';
import { revision } from '../../src/base/log-record.ts';
import { decideCreate, decideReplace } from '../../src/model/decide-distribution.ts';
import type { Facts } from '../../src/model/decision.ts';
import { createLimits } from '../../src/model/limits.ts';
import { configOf } from '../../test/harness/configs.ts';
import type { Benchmark } from '../harness/benchmark.ts';
import { figure } from '../harness/figure.ts';
import { callsASecond } from '../harness/repeat.ts';
import {
  account,
  distributionCount,
  distributions,
  domain,
  fold,
  mint,
  recordsOf,
} from './workload.ts';

export const model: Benchmark = {
  name: 'model',
  measures: 'decide, catalog.apply and a page of a list with 10,000 distributions',
  async run({ quick, say }) {
    const batches = quick ? 5 : 50;
    const all = distributions();
    const records = recordsOf(all);
    const catalog = fold(records);
    const facts: Facts = {
      now: instant(1_800_000_000_000),
      call: '',
      mint,
      limits: createLimits({ distributions: 2 * distributionCount }),
      domain,
      accounts: new Set([account]),
      deployed: () => true,
    };
    const at = (call: number) => {
      const index = call % distributionCount;
      const [distribution, record] = [all[index], records[index]];
      if (distribution === undefined || record === undefined) throw new RangeError('none left');
      return { distribution, record };
    };
    const kind = 'download';
    const rate = (what: string, act: (call: number) => unknown) => {
      say(what);
      return figure(what, '1/s', callsASecond(act, batches));
    };
    const figures = [
      rate('decide a create', (call) => {
        const config = configOf(kind, `new-${call}`, { aliases: [`new${call}.example.com`] });
        return decideCreate(catalog, { account, kind, readConfig: () => config }, facts);
      }),
      rate('decide an update', (call) => {
        const { config, etag, id } = at(call).distribution;
        const readConfig = () => ({ ...config, enabled: false });
        return decideReplace(catalog, { account, kind, id, ifMatch: etag, readConfig }, facts);
      }),
      rate('catalog.apply, one change', (call) =>
        catalog.apply({ ...at(call).record, revision: revision(distributionCount + 1 + call) }),
      ),
      rate('catalog.list, whole', () => catalog.list(account, kind)),
    ];
    say('fold 10,000 records');
    const folds = Array.from({ length: quick ? 3 : 20 }, () => {
      const begun = performance.now();
      fold(records);
      return performance.now() - begun;
    });
    figures.push(figure('catalog.apply, 10,000 records from empty', 'ms', folds));
    return { kind: 'figures', figures, notes: [] };
  },
};
