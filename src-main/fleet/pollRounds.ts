import type { AppError } from '../../src-shared/errors.ts';
import { minuteMs } from '../../src-shared/base/time.ts';
import type { Log } from '../base/log.ts';
import type { Driver } from '../driver/driver.ts';
import { unexpectedError, type Answers } from './answers.ts';
import { createPollingPace, pollEveryMs } from './pollingPace.ts';

const licenceEveryMs = minuteMs;

/**
 * Runs the commands of a poll and stores their answers. Resolves with the errors, or with null if the console
 * was closed or the appliance was replaced before the last answer.
 */
async function runCommands(input: {
  answers: Answers;
  applianceId: string;
  driver: Driver;
  /** Called once the licence is stored. Null if the licence is not due. */
  onLicence: (() => void) | null;
}): Promise<AppError[] | null> {
  const { answers, applianceId, driver, onLicence } = input;
  const isLate = answers.isOutdated(applianceId);
  const askLicence = async (onStored: () => void) => {
    const failure = await answers.storeAnswerOrGetError(applianceId, 'licence', driver.licence());
    if (failure === null && !isLate()) onStored();
    return failure;
  };
  const results = await Promise.all([
    answers.storeAnswerOrGetError(applianceId, 'status', driver.status()),
    answers.storeAnswerOrGetError(applianceId, 'remoteNetworks', driver.remoteNetworks()),
    onLicence === null ? null : askLicence(onLicence),
  ]);
  return isLate() ? null : results.filter((failure) => failure !== null);
}

/**
 * The errors that may slow down polling. An appliance without --json only answers with text that can't be
 * parsed, so that error is expected.
 */
const unexpectedCodes = (failures: readonly AppError[]) =>
  failures.filter(({ detail }) => detail['knowsJson'] !== false).map(({ code }) => code);

/**
 * Runs the polls of each appliance, one at a time, and knows when the next one is due: every five seconds, or
 * later if the answers are invalid or slow.
 */
export function createPollRounds(options: {
  answers: Answers;
  driverOf: (applianceId: string) => Driver;
  /** Milliseconds of a clock that a change of the system time does not affect. */
  steadyClock: () => number;
  log: Log;
}) {
  const { answers, driverOf, steadyClock, log } = options;
  const running = new Map<string, Promise<AppError | null>>();
  const startedAt = new Map<string, number>();
  const licenceAt = new Map<string, number>();
  const pace = createPollingPace();

  /** Returns the error of the first failed command. Null if all succeeded, or if the appliance was replaced. */
  async function ask(applianceId: string, driver: Driver, withLicence: boolean): Promise<AppError | null> {
    const roundStartedAt = steadyClock();
    const failures = await runCommands({
      answers,
      applianceId,
      driver,
      onLicence: withLicence ? () => licenceAt.set(applianceId, steadyClock()) : null,
    });
    if (failures === null) return null;
    const before = pace.everyMs(applianceId);
    pace.note(applianceId, { failures: unexpectedCodes(failures), tookMs: steadyClock() - roundStartedAt });
    if (pace.everyMs(applianceId) !== before) answers.publish(applianceId);
    return failures.at(0) ?? null;
  }

  /** Starts a poll unless one is running. Resolves when it ends, with the error of the first failed command or null. */
  function start(applianceId: string, withLicence: boolean): Promise<AppError | null> {
    const before = running.get(applianceId);
    if (before !== undefined) return before;
    startedAt.set(applianceId, steadyClock());
    const promise = ask(applianceId, driverOf(applianceId), withLicence)
      .catch((thrown: unknown) => {
        log.error({ err: thrown, applianceId }, 'poll failed');
        return unexpectedError('the poll', thrown);
      })
      .finally(() => {
        if (running.get(applianceId) === promise) running.delete(applianceId);
      });
    running.set(applianceId, promise);
    return promise;
  }

  const isDue = (at: number | undefined, everyMs: number) =>
    at === undefined || steadyClock() - at >= everyMs;

  return {
    start,
    /** Starts a poll if the last one is long enough ago, with the licence if that is due as well. */
    startIfDue: (applianceId: string): void => {
      if (isDue(startedAt.get(applianceId), pace.everyMs(applianceId)))
        void start(applianceId, isDue(licenceAt.get(applianceId), licenceEveryMs));
    },
    /** The poll that is running, or undefined. */
    running: (applianceId: string): Promise<AppError | null> | undefined => running.get(applianceId),
    /** Whether a poll was started since the last `makeDue`. */
    hasStarted: (applianceId: string): boolean => startedAt.has(applianceId),
    makeDue: (applianceId: string): void => void startedAt.delete(applianceId),
    /**
     * The polling interval in ms if it is longer than usual because of the appliance's answers; otherwise
     * null.
     */
    slowedToMs: (applianceId: string): number | null => {
      const everyMs = pace.everyMs(applianceId);
      return everyMs === pollEveryMs ? null : everyMs;
    },
    /** Another machine replaced the appliance, or it was removed. Its running poll continues, without effect. */
    forget: (applianceId: string): void => {
      startedAt.delete(applianceId);
      licenceAt.delete(applianceId);
      pace.forget(applianceId);
      running.delete(applianceId);
    },
  };
}

export type PollRounds = ReturnType<typeof createPollRounds>;
