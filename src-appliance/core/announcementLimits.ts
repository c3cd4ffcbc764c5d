import type { AnnouncedForward, ClientMessage } from './registrarProtocol.ts';

type Unplaced = NonNullable<(ClientMessage & { type: 'announce' })['unplaced']>[number];

/** Enough to see that the allotment is too small, and by what **[ours]**. */
const maxUnplaced = 50;
/** Bytes of JSON: what a tenant announces is printed in every list, beside what all others announce **[ours]**. */
const minTextBudget = 64 * 1024;
/** For a tenant with so many ports that its forwards alone need more. */
const textBudgetPerPort = 350;
/** Of all tenants in one list; the console reads at most 8 MiB of an answer. */
const maxListedText = 4 * 1024 * 1024;

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

/**
 * What a list of many tenants shows of their announcements. If all together are too much, those that take more than an
 * equal share are cut to it: the others lose nothing.
 */
export function fitIntoList<T extends Kept>(announcements: readonly (T | null)[]): (T | null)[] {
  const sizes = announcements.map((one) =>
    one === null ? 0 : textSize(one.forwards) + textSize(one.unplaced),
  );
  if (sizes.reduce((sum, size) => sum + size, 0) <= maxListedText) return [...announcements];
  const share = Math.floor(maxListedText / announcements.length);
  return announcements.map((one, index) => {
    if (one === null || (sizes[index] ?? 0) <= share) return one;
    const fitted = fitAnnouncement(one, share);
    return { ...one, ...fitted, omitted: one.omitted + fitted.omitted };
  });
}
