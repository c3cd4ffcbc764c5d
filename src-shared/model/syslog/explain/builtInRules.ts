import type { ExplainRule } from './explainRule.ts';
import { connectRules } from './rules/connectRules.ts';
import { kitRules } from './rules/kitRules.ts';
import { sshdConnectionRules } from './rules/sshdConnectionRules.ts';
import { sshdLoginRules } from './rules/sshdLoginRules.ts';
import { systemRules } from './rules/systemRules.ts';

/** The rules that come with the console. The first that fits explains a line. */
export const builtInRules: readonly ExplainRule[] = [
  ...sshdLoginRules,
  ...sshdConnectionRules,
  ...kitRules,
  ...connectRules,
  ...systemRules,
];
