import type { PlanContext } from '../src-main/tenants/planWarnings.ts';

/** Nothing around a plan that it would have to warn of. */
export function planContextSample(now: number): PlanContext {
  return { applianceName: 'kiln', now, licence: null, cluster: null, keyElsewhere: () => [] };
}
