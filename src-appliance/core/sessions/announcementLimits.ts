import { maxListedText, maxListedUnplaced } from '../../../src-shared/model/tenants/listLimits.ts';
import type { AnnouncedForward, ClientMessage } from './registrarProtocol.ts';

type Unplaced = NonNullable<(ClientMessage & { type: 'announce' })['unplaced']>[number];

/** Enough to see that the allotment is too small, and by what **[ours]**. */
const maxUnplaced = 50;
/** Bytes of JSON: what a tenant announces is printed in every list, beside what all others announce **[ours]**. */
const minTextBudget = 64 * 1024;
/** For a tenant with so many ports that its forwards alone need more. */
const textBudgetPerPort = 350;

/** What is kept of an announcement; `omitted` counts unplaced repositories beyond the limits. */
type LimitedAnnouncement = { forwards: AnnouncedForward[]; unplaced: Unplaced[]; omitted: number };

function textSize(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Forwards first: their destination is worth more than one more repository without a port. */
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

/** What a tenant with so many ports may have kept. */
export function limitAnnouncement(
  announced: { forwards: readonly AnnouncedForward[]; unplaced: readonly Unplaced[] },
  portCount: number,
): LimitedAnnouncement {
  return fitAnnouncement(announced, Math.max(minTextBudget, portCount * textBudgetPerPort));
}

type Kept = { forwards: AnnouncedForward[]; unplaced: Unplaced[]; omitted: number };

/** What each of so many tenants may surely take of a total, if some take more than that and all together too much. */
function limitShare(amounts: readonly number[], total: number): number {
  const isTooMuch = amounts.reduce((sum, amount) => sum + amount, 0) > total;
  return isTooMuch ? Math.floor(total / amounts.length) : Infinity;
}

/**
 * What a list of many tenants shows of their announcements. If all together are too much, in number or in text, those
 * that take more than an equal share are cut to it: the others lose nothing.
 */
export function fitIntoList<T extends Kept>(announcements: readonly (T | null)[]): (T | null)[] {
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
