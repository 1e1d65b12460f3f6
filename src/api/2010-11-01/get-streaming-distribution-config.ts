/**
 * GetStreamingDistributionConfig (API 2010-11-01, section 2.3): the configuration alone, in the form in which
 * it may be sent back.
 */
import { operation } from '../operation.ts';
import { writeStreamingDistributionConfig } from './streaming-distribution-config-shape.ts';
import { xmlBody } from './wire-form.ts';

export const getStreamingDistributionConfig = operation({
  name: 'GetStreamingDistributionConfig',
  method: 'GET',
  path: '/2010-11-01/streaming-distribution/{id}/config',
  async answer(asked, { control }) {
    const { distribution } = await control.find(asked.account, 'streaming', asked.param('id'));
    const { config, etag } = distribution;
    return {
      status: 200,
      headers: { etag },
      body: xmlBody(writeStreamingDistributionConfig(config)),
    };
  },
});
