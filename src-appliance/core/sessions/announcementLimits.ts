import { maxListedText, maxListedUnplaced } from '../../../src-shared/model/tenants/listLimits.ts';
import type { AnnouncedForward, ClientMessage } from './registrarProtocol.ts';

type Unplaced = NonNullable<(ClientMessage & { type: 'announce' })['unplaced']>[number];

/** Enough to show that the allotment is too small, and by how much **[ours]**. */
const maxUnplaced = 50;
/** Bytes of JSON. A tenant's announcement is printed in every list, next to those of all others **[ours]**. */
const minTextBudget = 64 * 1024;
/** For a tenant with so many ports that its forwards alone need more. */
const textBudgetPerPort = 350;

/** The stored part of an announcement; `omitted` counts unplaced repositories beyond the limits. */
type LimitedAnnouncement = { forwards: AnnouncedForward[]; unplaced: Unplaced[]; omitted: number };

function textSize(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Forwards take precedence: their destination is worth more than another repository without a port. */
function fitAnnouncement(
  announced: { forwards: readonly AnnouncedForward[]; unplaced: readonly Unplaced[] },
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

/** Limits an announcement to what a tenant with this number of ports may store. */
export function limitAnnouncement(
  announced: { forwards: readonly AnnouncedForward[]; unplaced: readonly Unplaced[] },
  portCount: number,
): LimitedAnnouncement {
  return fitAnnouncement(announced, Math.max(minTextBudget, portCount * textBudgetPerPort));
}

type Kept = { forwards: AnnouncedForward[]; unplaced: Unplaced[]; omitted: number };

/** The amount that each of several tenants may use of a total if together they want more than the total. */
function limitShare(amounts: readonly number[], total: number): number {
  const isTooMuch = amounts.reduce((sum, amount) => sum + amount, 0) > total;
  return isTooMuch ? Math.floor(total / amounts.length) : Infinity;
}

/**
 * The part of many tenants' announcements that fits into a list. If all together are too large, in number or in text,
 * those with more than an equal share are cut to it. The others lose nothing.
 */
export function limitToList<T extends Kept>(announcements: readonly (T | null)[]): (T | null)[] {
  const maxEach = limitShare(
    announcements.map((one) => one?.unplaced.length ?? 0),
    maxListedUnplaced,
  );
  const counted = announcements.map((one) => {
    if (one === null || one.unplaced.length <= maxEach) return one;
    const omitted = one.omitted + one.unplaced.length - maxEach;
    return { ...one, unplaced: one.unplaced.slice(0, maxEach), omitted };
  });
  const sizes = counted.map((one) => (one === null ? 0 : textSize(one.forwards) + textSize(one.unplaced)));
  const budget = limitShare(sizes, maxListedText);
  return counted.map((one, index) => {
    if (one === null || (sizes[index] ?? 0) <= budget) return one;
    const fitted = fitAnnouncement(one, budget);
    return { ...one, ...fitted, omitted: one.omitted + fitted.omitted };
  });
}
