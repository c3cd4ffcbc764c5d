import { allotPorts } from './allocation.ts';
import { defaultQuota, type PortRange } from './ports.ts';

/**
 * The ports of a new tenant that is to have `quota` of them; null when no block is left that is large enough. The
 * appliance gives the default first, and only then is there a tenant whose quota can be changed.
 */
function allotNew(within: PortRange, others: readonly PortRange[], quota: number): PortRange[] | null {
  const first = allotPorts({ within, own: [], others, count: defaultQuota });
  return first === null ? null : allotPorts({ within, own: first, others, count: quota });
}

/**
 * Adds a tenant for each of `quotas` in turn, as the appliance would: the index of the first that finds no ports, null
 * where all fit. `taken` is what others hold; overlaps do no harm. Pure.
 */
export function firstWithoutPorts(request: {
  within: PortRange;
  taken: readonly PortRange[];
  quotas: readonly number[];
}): number | null {
  const taken = [...request.taken];
  for (const [index, quota] of request.quotas.entries()) {
    const ports = allotNew(request.within, taken, quota);
    if (ports === null) return index;
    taken.push(...ports);
  }
  return null;
}
