/**
 * GetDistributionConfig (API 2010-11-01, section 2.2.2): the configuration alone, in the form in which
 * it may be sent back.
 */
import { operation } from '../operation.ts';
import { writeDistributionConfig } from './distribution-config-shape.ts';
import { xmlBody } from './wire-form.ts';

export const getDistributionConfig = operation({
  name: 'GetDistributionConfig',
  method: 'GET',
  path: '/2010-11-01/distribution/{id}/config',
  async answer(asked, { control }) {
    const { distribution } = await control.find(asked.account, 'download', asked.param('id'));
    const { config, etag } = distribution;
    return { status: 200, headers: { etag }, body: xmlBody(writeDistributionConfig(config)) };
  },
});
