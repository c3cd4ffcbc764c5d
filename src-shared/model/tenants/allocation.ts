import { countPorts, defaultQuota, rangeSize, type PortRange } from './ports.ts';

/** Sorts the blocks and joins adjacent blocks. The set of ports stays the same. */
function normalize(ranges: readonly PortRange[]): PortRange[] {
  const joined: PortRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = joined.at(-1);
    if (before !== undefined && before.last + 1 === range.first)
      joined[joined.length - 1] = { first: before.first, last: range.last };
    else joined.push({ first: range.first, last: range.last });
  }
  return joined;
}

/** The free blocks within `within`, in ascending order. */
export function findFreeBlocks(within: PortRange, taken: readonly PortRange[]): PortRange[] {
  const free: PortRange[] = [];
  let next = within.first;
  for (const range of normalize(taken)) {
    if (range.first > next) free.push({ first: next, last: Math.min(range.first - 1, within.last) });
    next = Math.max(next, range.last + 1);
  }
  if (next <= within.last) free.push({ first: next, last: within.last });
  return free.filter((block) => block.first <= block.last);
}

/**
 * The ports of a tenant with quota `count`, or null if no free block is large enough **[ours]**. Growing
 * extends the highest block, or else takes the lowest free block. Shrinking removes the highest ports. Pure.
 */
export function allotPorts(request: {
  within: PortRange;
  own: readonly PortRange[];
  others: readonly PortRange[];
  count: number;
}): PortRange[] | null {
  const own = normalize(request.own);
  const missing = request.count - countPorts(own);
  if (missing <= 0) return removeHighestPorts(own, -missing);
  const free = findFreeBlocks(request.within, [...own, ...request.others]);
  const highest = own.at(-1);
  const behind = free.find((block) => highest !== undefined && block.first === highest.last + 1);
  const block =
    behind !== undefined && rangeSize(behind) >= missing
      ? behind
      : free.find((candidate) => rangeSize(candidate) >= missing);
  if (block === undefined) return null;
  return normalize([...own, { first: block.first, last: block.first + missing - 1 }]);
}

/** Removes the `count` highest ports from `own`. */
export function removeHighestPorts(own: readonly PortRange[], count: number): PortRange[] {
  const kept = normalize(own);
  let left = count;
  while (left > 0) {
    const highest = kept.pop();
    if (highest === undefined) break;
    const size = rangeSize(highest);
    if (size > left) kept.push({ first: highest.first, last: highest.last - left });
    left -= Math.min(size, left);
  }
  return kept;
}

/** The ports that are in `ranges` but not in `others`, sorted and joined. Pure. */
export function subtractPorts(ranges: readonly PortRange[], others: readonly PortRange[]): PortRange[] {
  const taken = normalize(others);
  let from = 0;
  return normalize(ranges).flatMap((range) => {
    while ((taken[from]?.last ?? Infinity) < range.first) from += 1;
    let until = from;
    while ((taken[until]?.first ?? Infinity) <= range.last) until += 1;
    return findFreeBlocks(range, taken.slice(from, until));
  });
}

/** Whether `ranges` contains a port that `allotted` does not. */
export function hasPortOutside(ranges: readonly PortRange[], allotted: readonly PortRange[]): boolean {
  return subtractPorts(ranges, allotted).length > 0;
}

/**
 * The ports of a new tenant with `quota`, or null if no free block is large enough. The default quota is
 * allotted first, because the appliance can change the quota only after it added the tenant.
 */
function allotToNewTenant(
  within: PortRange,
  others: readonly PortRange[],
  quota: number,
): PortRange[] | null {
  const first = allotPorts({ within, own: [], others, count: defaultQuota });
  return first === null ? null : allotPorts({ within, own: first, others, count: quota });
}

/**
 * Allots ports to a new tenant for each of `quotas`, in order, as the appliance would. Returns the index of
 * the first tenant that gets no ports, or null if all do. Blocks in `taken` may overlap. Pure.
 */
export function findFirstWithoutPorts(request: {
  within: PortRange;
  taken: readonly PortRange[];
  quotas: readonly number[];
}): number | null {
  const taken = [...request.taken];
  for (const [index, quota] of request.quotas.entries()) {
    const ports = allotToNewTenant(request.within, taken, quota);
    if (ports === null) return index;
    taken.push(...ports);
  }
  return null;
}
