/** Everything that takes bytes from outside, by those who send them. */
import { answerTargets } from './answer-targets.ts';
import { callTargets } from './call-targets.ts';
import { dnsTargets } from './dns-targets.ts';
import { documentTargets } from './document-targets.ts';
import { edgeTargets } from './edge-targets.ts';
import { feedTargets } from './feed-targets.ts';
import { logTargets } from './log-targets.ts';
import { originTargets } from './origin-targets.ts';
import { requestTargets } from './request-targets.ts';
import { signingTargets } from './signing-targets.ts';
import type { Target } from './target.ts';

export const targets: readonly Target[] = [
  ...requestTargets,
  ...answerTargets,
  ...signingTargets,
  ...documentTargets,
  ...callTargets,
  ...edgeTargets,
  ...feedTargets,
  ...dnsTargets,
  ...logTargets,
  ...originTargets,
];
