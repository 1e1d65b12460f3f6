/**
 * PutDistributionConfig (API 2010-11-01, section 2.2.3). It replaces all that this form can say: what the
 * new document lacks is gone.
 */
import { operation } from '../operation.ts';
import { carryOver } from './carry-over.ts';
import { readDistributionConfig } from './distribution-config-shape.ts';
import { writeDistribution } from './distribution-shape.ts';
import { olderLimits } from './older-limits.ts';
import { configBytesMax, xmlBody } from './wire-form.ts';

export const putDistributionConfig = operation({
  name: 'PutDistributionConfig',
  method: 'PUT',
  path: '/2010-11-01/distribution/{id}/config',
  bodyBytesMax: configBytesMax,
  async answer(asked, { control, legacyMinimumTtlS, limits }) {
    const { account, ifMatch } = asked;
    const view = await control.replace(
      account,
      'download',
      asked.param('id'),
      ifMatch,
      (was) => carryOver(was, readDistributionConfig(asked.body(), { minTtlS: legacyMinimumTtlS })),
      { limits: olderLimits(limits) },
    );
    const { etag } = view.distribution;
    return { status: 200, headers: { etag }, body: xmlBody(writeDistribution(view)) };
  },
});
