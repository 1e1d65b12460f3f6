/** Every operation of API 2020-05-31 that is served, by the files that hold them. */
import type { Handlers } from './handler.ts';
import { cachePolicyHandlers } from './resources/cache-policy.ts';
import { keyGroupHandlers } from './resources/key-group.ts';
import { originAccessControlHandlers } from './resources/origin-access-control.ts';
import { originRequestPolicyHandlers } from './resources/origin-request-policy.ts';
import { publicKeyHandlers } from './resources/public-key.ts';
import { tagHandlers } from './resources/tags.ts';
import { responseHeadersPolicyHandlers } from './resources/response-headers-policy.ts';

export const handlers: Handlers = {
  ...cachePolicyHandlers,
  ...originRequestPolicyHandlers,
  ...responseHeadersPolicyHandlers,
  ...originAccessControlHandlers,
  ...publicKeyHandlers,
  ...keyGroupHandlers,
  ...tagHandlers,
};
