import { errorCodes, type ErrorCode } from '../../src-shared/errorCodes.ts';
import { growingDelayMs } from '../../src-shared/base/backOff.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** How often an appliance with valid answers is polled **[ours]**. */
export const pollEveryMs = 5 * secondMs;
/** The longest interval between two polls, after many invalid or slow answers **[ours]**. */
export const maxPollEveryMs = 80 * secondMs;
/**
 * A poll that takes longer counts as failed, because it occupies channels and the thread that parses large
 * answers **[ours]**.
 */
export const maxRoundMs = 15 * secondMs;

type Round = { failures: readonly ErrorCode[]; tookMs: number };

export type PollingPace = {
  note: (applianceId: string, round: Round) => void;
  /** Milliseconds from the start of a poll to the start of the next one. */
  everyMs: (applianceId: string) => number;
  forget: (applianceId: string) => void;
};

/**
 * Doubles the polling interval of an appliance after each failed or slow poll. A good poll resets the
 * interval.
 */
export function createPollingPace(): PollingPace {
  const badRounds = new Map<string, number>();
  return {
    note: (applianceId, { failures, tookMs }) => {
      if (tookMs > maxRoundMs || failures.some((code) => errorCodes[code].isBadAnswer === true))
        badRounds.set(applianceId, (badRounds.get(applianceId) ?? 0) + 1);
      else if (!failures.some((code) => errorCodes[code].isLinkProblem === true))
        badRounds.delete(applianceId);
    },
    everyMs: (applianceId) =>
      growingDelayMs({
        failures: badRounds.get(applianceId) ?? 0,
        firstMs: pollEveryMs,
        maxMs: maxPollEveryMs,
      }),
    forget: (applianceId) => void badRounds.delete(applianceId),
  };
}
