/**
 * PutStreamingDistributionConfig (API 2010-11-01, section 2.3). It replaces all that this form can
 * say: what the new document lacks is gone.
 */
import { operation } from '../operation.ts';
import { carryOver } from './carry-over.ts';
import { readStreamingDistributionConfig } from './streaming-distribution-config-shape.ts';
import { writeStreamingDistribution } from './distribution-shape.ts';
import { olderLimits } from './older-limits.ts';
import { configBytesMax, xmlBody } from './wire-form.ts';

export const putStreamingDistributionConfig = operation({
  name: 'PutStreamingDistributionConfig',
  method: 'PUT',
  path: '/2010-11-01/streaming-distribution/{id}/config',
  bodyBytesMax: configBytesMax,
  async answer(asked, { control, legacyMinimumTtlS, limits }) {
    const { account, ifMatch } = asked;
    const view = await control.replace(
      account,
      'streaming',
      asked.param('id'),
      ifMatch,
      (was) =>
        carryOver(
          was,
          readStreamingDistributionConfig(asked.body(), { minTtlS: legacyMinimumTtlS }),
        ),
      { limits: olderLimits(limits) },
    );
    const { etag } = view.distribution;
    return { status: 200, headers: { etag }, body: xmlBody(writeStreamingDistribution(view)) };
  },
});
