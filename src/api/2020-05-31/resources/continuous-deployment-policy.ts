/** Continuous deployment policies (API 2020-05-31, section 4.13). */
import { invalidArgument } from '../../../model/resources/invalid-argument.ts';
import type {
  ContinuousDeploymentPolicyConfig,
  Traffic,
} from '../../../model/resources/continuous-deployment-policy.ts';
import type { Resource } from '../../../model/resources/resource.ts';
import { counted, itemsOf } from '../../../wire/counted.ts';
import type { Handlers } from '../handler.ts';
import { listOf, pageOf } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { locationOf } from './resource-answers.ts';

const kind = 'continuous-deployment-policy';

export const continuousDeploymentPolicyHandlers = {
  async CreateContinuousDeploymentPolicy(input, { account, control, publicEndpoint }) {
    const config = read(input.ContinuousDeploymentPolicyConfig);
    const made = await control.createResource(account, kind, config);
    const Location = locationOf(publicEndpoint, made);
    return { ContinuousDeploymentPolicy: write(made), ETag: made.etag, Location };
  },
  async GetContinuousDeploymentPolicy({ Id }, { account, control }) {
    const found = await control.findResource(account, kind, Id);
    return { ContinuousDeploymentPolicy: write(found), ETag: found.etag };
  },
  async GetContinuousDeploymentPolicyConfig({ Id }, { account, control }) {
    const { config, etag } = await control.findResource(account, kind, Id);
    return { ContinuousDeploymentPolicyConfig: writeConfig(config), ETag: etag };
  },
  async UpdateContinuousDeploymentPolicy(input, { account, control }) {
    const target = { account, kind, id: input.Id, ifMatch: input.IfMatch } as const;
    const config = read(input.ContinuousDeploymentPolicyConfig);
    const replaced = await control.replaceResource(target, config);
    return { ContinuousDeploymentPolicy: write(replaced), ETag: replaced.etag };
  },
  async DeleteContinuousDeploymentPolicy({ Id, IfMatch }, { account, control }) {
    await control.deleteResource({ account, kind, id: Id, ifMatch: IfMatch });
    return {};
  },
  async ListContinuousDeploymentPolicies(input, { account, control, limits }) {
    const request = pageOf(input, limits);
    const page = await control.listResources(account, kind, 'all', request);
    return {
      ContinuousDeploymentPolicyList: listOf(page, request, (policy) => ({
        ContinuousDeploymentPolicy: write(policy),
      })),
    };
  },
} satisfies Handlers;

function write({ config, id, modifiedAt }: Resource<typeof kind>): Wire.ContinuousDeploymentPolicy {
  return {
    Id: id,
    LastModifiedTime: modifiedAt,
    ContinuousDeploymentPolicyConfig: writeConfig(config),
  };
}

function read(config: Wire.ContinuousDeploymentPolicyConfig): ContinuousDeploymentPolicyConfig {
  return {
    enabled: config.Enabled,
    stagingNames: itemsOf(config.StagingDistributionDnsNames).map((name) => name.toLowerCase()),
    traffic: config.TrafficConfig && readTraffic(config.TrafficConfig),
  };
}

function readTraffic(traffic: Wire.TrafficConfig): Traffic {
  const { SingleHeaderConfig: header, SingleWeightConfig: weight, Type } = traffic;
  if (Type === 'SingleHeader' && header !== undefined) {
    return { kind: 'header', header: header.Header, value: header.Value };
  }
  if (Type === 'SingleWeight' && weight !== undefined) {
    const sticky = weight.SessionStickinessConfig;
    const stickiness = sticky && { idleS: sticky.IdleTTL, maxS: sticky.MaximumTTL };
    return { kind: 'weight', weight: weight.Weight, stickiness };
  }
  return invalidArgument('The parameter TrafficConfig', `it lacks the configuration of ${Type}.`);
}

function writeConfig({
  enabled,
  stagingNames,
  traffic,
}: ContinuousDeploymentPolicyConfig): Wire.ContinuousDeploymentPolicyConfig {
  return {
    StagingDistributionDnsNames: counted(stagingNames),
    Enabled: enabled,
    TrafficConfig: traffic && writeTraffic(traffic),
  };
}

function writeTraffic(traffic: Traffic): Wire.TrafficConfig {
  if (traffic.kind === 'header') {
    const SingleHeaderConfig = { Header: traffic.header, Value: traffic.value };
    return { Type: 'SingleHeader', SingleHeaderConfig };
  }
  const { stickiness, weight } = traffic;
  const SessionStickinessConfig = stickiness && {
    IdleTTL: stickiness.idleS,
    MaximumTTL: stickiness.maxS,
  };
  return { Type: 'SingleWeight', SingleWeightConfig: { Weight: weight, SessionStickinessConfig } };
}
