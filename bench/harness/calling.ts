/** Calls of API 2020-05-31 that are not timed: what a load stands on. */
import type { DistributionConfig } from '../../src/wire/shapes.generated.ts';
import type { ServerProcess } from '../../test/harness/server-process.ts';
import { ApiConnection } from './api-connection.ts';
import { signedCall } from './signed-call.ts';

export type Caller = {
  /** Makes a distribution and resolves with its name, once it is Deployed. */
  readonly distribute: (config: DistributionConfig) => Promise<string>;
  readonly close: () => void;
};

export async function connect({ addresses }: ServerProcess): Promise<Caller> {
  const api = await ApiConnection.open(addresses.api);
  return {
    async distribute(config) {
      await api.warm();
      const { host } = api;
      const created = signedCall(host, 'CreateDistribution', { DistributionConfig: config });
      const { body } = await api.mustSend(created);
      const [, id = ''] = /<Id>(\w+)</.exec(body) ?? [];
      const get = signedCall(host, 'GetDistribution', { Id: id });
      while (!(await api.mustSend(get)).body.includes('<Status>Deployed<'));
      return /<DomainName>(d\w+\.[^<]+)</.exec(body)?.[1] ?? '';
    },
    close: () => api.close(),
  };
}
