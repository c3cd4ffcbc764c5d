import { errorCodes, type ErrorCode } from '../../src-shared/errorCodes.ts';
import { growingDelayMs } from '../../src-shared/base/backOff.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** How often an appliance is asked whose answers are good **[ours]**. */
export const pollEveryMs = 5 * secondMs;
/** At most this long between two rounds, however bad the answers were **[ours]**. */
export const maxPollEveryMs = 80 * secondMs;
/** A round that takes longer counts as bad: it holds channels and the thread that reads large answers **[ours]**. */
export const maxRoundMs = 15 * secondMs;

type Round = { failures: readonly ErrorCode[]; tookMs: number };

export type AskingPace = {
  note: (applianceId: string, round: Round) => void;
  /** Between the starts of two rounds, milliseconds. */
  everyMs: (applianceId: string) => number;
  forget: (applianceId: string) => void;
};

/** Appliances whose answers are bad or slow are asked half as often after each such round; a good one resets that. */
export function createAskingPace(): AskingPace {
  const badRounds = new Map<string, number>();
  return {
    note: (applianceId, { failures, tookMs }) => {
      if (tookMs > maxRoundMs || failures.some((code) => errorCodes[code].badAnswer === true))
        badRounds.set(applianceId, (badRounds.get(applianceId) ?? 0) + 1);
      else if (!failures.some((code) => errorCodes[code].linkTrouble === true)) badRounds.delete(applianceId);
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
