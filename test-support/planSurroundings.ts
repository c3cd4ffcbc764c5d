import type { PlanSurroundings } from '../src-main/tenants/planWarnings.ts';

/** Nothing around a plan that it would have to warn of. */
export function planSurroundings(now: number): PlanSurroundings {
  return { applianceName: 'kiln', now, licence: null, cluster: null, keyElsewhere: () => [] };
}
