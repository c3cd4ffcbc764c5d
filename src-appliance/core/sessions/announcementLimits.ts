import { maxListedText, maxListedUnplaced } from '../../../src-shared/model/tenants/listLimits.ts';
import type { AnnouncedForward, ClientMessage } from './registrarProtocol.ts';

type UnplacedRepository = NonNullable<(ClientMessage & { type: 'announce' })['unplaced']>[number];

/**
 * Maximum number of stored repositories without a port. Enough to show that the quota is too small
 * **[ours]**.
 */
const maxUnplaced = 50;
/**
 * Maximum size of a tenant's stored announcement in bytes of JSON, because every list contains all
 * announcements **[ours]**.
 */
const minTextBudget = 64 * 1024;
/** Additional limit for a tenant with many ports, whose forwards need more than `minTextBudget`. */
const textBudgetPerPort = 350;

/** The stored part of an announcement. `omitted`: how many repositories without a port were left out. */
type LimitedAnnouncement = { forwards: AnnouncedForward[]; unplaced: UnplacedRepository[]; omitted: number };

function textSize(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Stores forwards first, because their destinations matter more than repositories without a port. */
function cutToBudget(
  announced: { forwards: readonly AnnouncedForward[]; unplaced: readonly UnplacedRepository[] },
  budget: number,
): LimitedAnnouncement {
  let left = budget;
  const fits = (value: unknown): boolean => {
    left -= textSize(value) + 1;
    return left >= 0;
  };
  const forwards = announced.forwards.filter(fits);
  const unplaced = announced.unplaced.slice(0, maxUnplaced).filter(fits);
  return { forwards, unplaced, omitted: announced.unplaced.length - unplaced.length };
}

/** Limits an announcement to what is stored for a tenant with `portCount` ports. */
export function limitAnnouncement(
  announced: { forwards: readonly AnnouncedForward[]; unplaced: readonly UnplacedRepository[] },
  portCount: number,
): LimitedAnnouncement {
  return cutToBudget(announced, Math.max(minTextBudget, portCount * textBudgetPerPort));
}

type Kept = { forwards: AnnouncedForward[]; unplaced: UnplacedRepository[]; omitted: number };

/**
 * Maximum amount for each of several tenants: an equal share if together they need more than `total`,
 * otherwise unlimited.
 */
function findMaxShare(amounts: readonly number[], total: number): number {
  const isTooMuch = amounts.reduce((sum, amount) => sum + amount, 0) > total;
  return isTooMuch ? Math.floor(total / amounts.length) : Infinity;
}

/**
 * Limits the announcements of all tenants to what fits into one list. If they are too large together, each
 * announcement above an equal share is cut to that share. The others stay complete.
 */
export function limitToList<T extends Kept>(announcements: readonly T[]): T[] {
  const maxEach = findMaxShare(
    announcements.map((one) => one.unplaced.length),
    maxListedUnplaced,
  );
  const counted = announcements.map((one) => {
    if (one.unplaced.length <= maxEach) return one;
    const omitted = one.omitted + one.unplaced.length - maxEach;
    return { ...one, unplaced: one.unplaced.slice(0, maxEach), omitted };
  });
  const sizes = counted.map((one) => textSize(one.forwards) + textSize(one.unplaced));
  const budget = findMaxShare(sizes, maxListedText);
  return counted.map((one, index) => {
    if ((sizes[index] ?? 0) <= budget) return one;
    const fitted = cutToBudget(one, budget);
    return { ...one, ...fitted, omitted: one.omitted + fitted.omitted };
  });
}
