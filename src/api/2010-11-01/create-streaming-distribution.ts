/**
 * CreateStreamingDistribution (API 2010-11-01, section 2.3). A caller reference sent again with the same content is
 * answered as at first, with 201.
 */
import { operation } from '../operation.ts';
import { readStreamingDistributionConfig } from './streaming-distribution-config-shape.ts';
import { writeStreamingDistribution } from './distribution-shape.ts';
import { olderLimits } from './older-limits.ts';
import { configBytesMax, xmlBody } from './wire-form.ts';

export const createStreamingDistribution = operation({
  name: 'CreateStreamingDistribution',
  method: 'POST',
  path: '/2010-11-01/streaming-distribution',
  bodyBytesMax: configBytesMax,
  async answer(asked, { control, legacyMinimumTtlS, limits, publicEndpoint }) {
    const view = await control.create(
      asked.account,
      'streaming',
      () => readStreamingDistributionConfig(asked.body(), { minTtlS: legacyMinimumTtlS }),
      { limits: olderLimits(limits) },
    );
    const { etag, id } = view.distribution;
    const location = `${publicEndpoint()}/2010-11-01/streaming-distribution/${id}`;
    return {
      status: 201,
      headers: { location, etag },
      body: xmlBody(writeStreamingDistribution(view)),
    };
  },
});
