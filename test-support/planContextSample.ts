import type { PlanContext } from '../src-main/tenants/planWarnings.ts';

/** Returns facts for a plan that cause no warnings. */
export function planContextSample(now: number): PlanContext {
  return { applianceName: 'kiln', now, licence: null, cluster: null, keyElsewhere: () => [] };
}
