/** Every operation of API 2020-05-31, by the files that hold them: one left out does not compile. */
import { copyingHandlers } from './distributions/copying.ts';
import { distributionHandlers } from './distributions/distribution.ts';
import { listingByHandlers } from './distributions/listing-by.ts';
import { streamingDistributionHandlers } from './distributions/streaming-distribution.ts';
import type { AllHandlers } from './handler.ts';
import { accessIdentityHandlers } from './resources/access-identity.ts';
import { anycastIpListHandlers } from './resources/anycast-ip-list.ts';
import { cachePolicyHandlers } from './resources/cache-policy.ts';
import { connectionFunctionHandlers } from './resources/connection-function.ts';
import { connectionGroupHandlers } from './resources/connection-group.ts';
import { continuousDeploymentPolicyHandlers } from './resources/continuous-deployment-policy.ts';
import { distributionTenantHandlers } from './resources/distribution-tenant.ts';
import { domainHandlers } from './resources/domain.ts';
import { fieldEncryptionHandlers } from './resources/field-encryption.ts';
import { functionHandlers } from './resources/function.ts';
import { invalidationHandlers } from './resources/invalidation.ts';
import { keyGroupHandlers } from './resources/key-group.ts';
import { keyValueStoreHandlers } from './resources/key-value-store.ts';
import { monitoringSubscriptionHandlers } from './resources/monitoring-subscription.ts';
import { originAccessControlHandlers } from './resources/origin-access-control.ts';
import { originRequestPolicyHandlers } from './resources/origin-request-policy.ts';
import { publicKeyHandlers } from './resources/public-key.ts';
import { realtimeLogConfigHandlers } from './resources/realtime-log-config.ts';
import { resourcePolicyHandlers } from './resources/resource-policy.ts';
import { responseHeadersPolicyHandlers } from './resources/response-headers-policy.ts';
import { tagHandlers } from './resources/tags.ts';
import { trustStoreHandlers } from './resources/trust-store.ts';
import { vpcOriginHandlers } from './resources/vpc-origin.ts';

export const handlers: AllHandlers = {
  ...distributionHandlers,
  ...listingByHandlers,
  ...copyingHandlers,
  ...streamingDistributionHandlers,
  ...cachePolicyHandlers,
  ...originRequestPolicyHandlers,
  ...responseHeadersPolicyHandlers,
  ...originAccessControlHandlers,
  ...publicKeyHandlers,
  ...keyGroupHandlers,
  ...tagHandlers,
  ...accessIdentityHandlers,
  ...invalidationHandlers,
  ...functionHandlers,
  ...keyValueStoreHandlers,
  ...realtimeLogConfigHandlers,
  ...monitoringSubscriptionHandlers,
  ...fieldEncryptionHandlers,
  ...vpcOriginHandlers,
  ...continuousDeploymentPolicyHandlers,
  ...anycastIpListHandlers,
  ...trustStoreHandlers,
  ...connectionGroupHandlers,
  ...connectionFunctionHandlers,
  ...resourcePolicyHandlers,
  ...distributionTenantHandlers,
  ...domainHandlers,
};
