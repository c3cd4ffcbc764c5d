import { errorCodes, type ErrorCode } from '../../src-shared/errorCodes.ts';
import { growingDelayMs } from '../../src-shared/base/backOff.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** Polling interval of an appliance with good answers **[ours]**. */
export const pollEveryMs = 5 * secondMs;
/** Longest polling interval, whatever the answers were **[ours]**. */
export const maxPollEveryMs = 80 * secondMs;
/**
 * A round that takes longer counts as bad, because it occupies channels and the thread that reads large answers
 * **[ours]**.
 */
export const maxRoundMs = 15 * secondMs;

type Round = { failures: readonly ErrorCode[]; tookMs: number };

export type AskingPace = {
  note: (applianceId: string, round: Round) => void;
  /** Time between the starts of two rounds, milliseconds. */
  everyMs: (applianceId: string) => number;
  forget: (applianceId: string) => void;
};

/** Doubles the polling interval of an appliance after each bad or slow round; a good round resets it. */
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
