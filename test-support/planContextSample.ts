import type { PlanContext } from '../src-main/tenants/planWarnings.ts';

/** A context in which a plan has no warnings. */
export function planContextSample(now: number): PlanContext {
  return { applianceName: 'kiln', now, licence: null, cluster: null, keyElsewhere: () => [] };
}
