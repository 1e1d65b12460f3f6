/** Monitoring subscriptions of distributions (API 2020-05-31, section 4.12). */
import type { Resource } from '../../../model/resources/resource.ts';
import type { Handlers } from '../handler.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';

const kind = 'monitoring-subscription';

export const monitoringSubscriptionHandlers = {
  async CreateMonitoringSubscription(input, { account, control }) {
    const { DistributionId: distribution, MonitoringSubscription: given } = input;
    await control.find(account, 'download', distribution);
    const status = given.RealtimeMetricsSubscriptionConfig?.RealtimeMetricsSubscriptionStatus;
    const config = { distribution, enabled: status === 'Enabled' };
    return { MonitoringSubscription: write(await control.createResource(account, kind, config)) };
  },
  async GetMonitoringSubscription({ DistributionId }, { account, control }) {
    await control.find(account, 'download', DistributionId);
    const found = await control.findResource(account, kind, DistributionId);
    return { MonitoringSubscription: write(found) };
  },
  async DeleteMonitoringSubscription({ DistributionId }, { account, control }) {
    await control.find(account, 'download', DistributionId);
    await control.deleteResource({ account, kind, id: DistributionId, ifMatch: undefined });
    return {};
  },
} satisfies Handlers;

function write({ config }: Resource<typeof kind>): Wire.MonitoringSubscription {
  const RealtimeMetricsSubscriptionStatus = config.enabled ? 'Enabled' : 'Disabled';
  return { RealtimeMetricsSubscriptionConfig: { RealtimeMetricsSubscriptionStatus } };
}
