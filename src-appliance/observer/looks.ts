import type { Urgency } from './changeSigns.ts';
import { nextLookMs, type Reason } from './lookPace.ts';

/** If a look is not done after this time, what was seen before no longer counts **[ours]**. */
const maxOpenMs = 5000;

/**
 * Looks at the appliance again and again: soon after a sign of a change, and now and then without one. One look at a
 * time. `isCurrent`: whether what was seen last still holds as far as anyone can tell. `isSure`: whether nothing at all
 * speaks against it.
 */
export function startLooks<Observed>(options: {
  look: () => Promise<Observed>;
  onSeen: (observed: Observed) => void;
  onFailure: (error: unknown) => void;
  followSigns: (onSign: (urgency: Urgency) => void) => () => void;
}): { stop: () => void; lookSoon: () => void; isCurrent: () => boolean; isSure: () => boolean } {
  /** Since when a sign of a change, or a look, waits for its end. Null: everything that was noticed was looked at. */
  let openSince: number | null = performance.now();
  let reason: Reason = 'now';
  let endedAt = Number.NEGATIVE_INFINITY;
  let tookMs = 0;
  let isLooking = false;
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;

  // A sign may have come while the appliance was looked at.
  const isSignOpen = () => reason === 'now';

  function plan(): void {
    clearTimeout(timer);
    if (isOver || isLooking) return;
    const waitMs = endedAt + nextLookMs(reason, tookMs) - performance.now();
    timer = setTimeout(() => void look(), Math.max(0, waitMs));
  }

  async function look(): Promise<void> {
    isLooking = true;
    reason = 'none';
    const startedAt = performance.now();
    openSince = startedAt;
    const before = process.cpuUsage();
    try {
      const observed = await options.look();
      if (!isOver) options.onSeen(observed);
    } catch (error) {
      if (!isOver) options.onFailure(error);
    }
    const { user, system } = process.cpuUsage(before);
    endedAt = performance.now();
    // A look waits for programs and for a second look; only its own work counts.
    tookMs = Math.min(endedAt - startedAt, (user + system) / 1000);
    isLooking = false;
    openSince = isSignOpen() ? startedAt : null;
    plan();
  }

  function onSign(urgency: Urgency): void {
    if (reason === 'now' || (reason === 'soon' && urgency === 'soon')) return;
    reason = urgency;
    if (urgency === 'now') openSince ??= performance.now();
    plan();
  }
  const stopSigns = options.followSigns(onSign);
  plan();
  return {
    stop: () => {
      isOver = true;
      clearTimeout(timer);
      stopSigns();
    },
    lookSoon: () => onSign('now'),
    isSure: () => openSince === null,
    isCurrent: () => openSince === null || performance.now() - openSince < maxOpenMs,
  };
}
