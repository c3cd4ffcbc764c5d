import type { AnnouncedForward, ClientMessage } from './registrarProtocol.ts';

type Unplaced = NonNullable<(ClientMessage & { type: 'announce' })['unplaced']>[number];

/** Enough to see that the allotment is too small, and by what **[ours]**. */
const maxUnplaced = 50;
/** Bytes of JSON: what a tenant announces is printed in every list, beside what all others announce **[ours]**. */
const minTextBudget = 64 * 1024;
/** For a tenant with so many ports that its forwards alone need more. */
const textBudgetPerPort = 350;
/** Of all tenants in one list; the console reads at most 8 MiB of an answer. */
export const maxListedText = 4 * 1024 * 1024;

/** What is kept of an announcement; `omitted` counts forwards and unplaced repositories beyond the limits. */
export type LimitedAnnouncement = { forwards: AnnouncedForward[]; unplaced: Unplaced[]; omitted: number };

function textSize(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

export function announcedSize(announced: {
  forwards: readonly unknown[];
  unplaced: readonly unknown[];
}): number {
  return textSize(announced.forwards) + textSize(announced.unplaced);
}

/** Forwards first: their destination is worth more than one more repository without a port. */
export function fitAnnouncement(
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
  const all = announced.forwards.length + announced.unplaced.length;
  return { forwards, unplaced, omitted: all - forwards.length - unplaced.length };
}

/** What a tenant with so many ports may have kept. */
export function limitAnnouncement(
  announced: { forwards: readonly AnnouncedForward[]; unplaced: readonly Unplaced[] },
  portCount: number,
): LimitedAnnouncement {
  return fitAnnouncement(announced, Math.max(minTextBudget, portCount * textBudgetPerPort));
}
