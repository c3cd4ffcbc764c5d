import type { AppError } from '../../src-shared/errors.ts';
import type { Log } from '../base/log.ts';
import { createPollingPace, pollEveryMs } from './pollingPace.ts';
import type { Driver } from '../driver/driver.ts';
import type { Links } from '../links/links.ts';
import { createAnswers, unexpectedError } from './answers.ts';
import type { Observations } from './observations.ts';
import { createPush } from './push.ts';
import { readSnapshot } from './snapshot.ts';
import { callEvery } from '../../src-shared/node/callEvery.ts';
import { minuteMs } from '../../src-shared/base/time.ts';

const licenceEveryMs = minuteMs;
const tickMs = 500;

/**
 * Runs the commands of a poll and stores their answers. Resolves with the errors, or with null if the console
 * was closed or the appliance was replaced before the last answer.
 */
async function runCommands(input: {
  answers: ReturnType<typeof createAnswers>;
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
 * Listens to each connected appliance that is followed. Polls those that don't tell what changes: every
 * five seconds, or less often if their answers are invalid or slow. Starts no poll while the previous one is running.
 */
export function createPoll(options: {
  links: Links;
  observations: Observations;
  applianceIds: () => string[];
  /** Whether a page or command follows the appliance. Its link may also be up for a single command. */
  isFollowed: (applianceId: string) => boolean;
  onObserved: (applianceId: string) => void;
  clock: () => number;
  /**
   * Milliseconds of a clock that a change of the system time does not affect, so that the next poll is not
   * moved.
   */
  steadyClock: () => number;
  log: Log;
}) {
  const { links, isFollowed, steadyClock, log } = options;
  const running = new Map<string, Promise<AppError | null>>();
  const startedAt = new Map<string, number>();
  const licenceAt = new Map<string, number>();
  const pace = createPollingPace();
  const answers = createAnswers({
    ...options,
    linkedSince: (id) => {
      const link = links.state(id);
      return link.state === 'connected' ? link.since : null;
    },
  });
  const push = createPush({
    driverOf: (id) => links.of(id).driver,
    onSaid: answers.storeSaid,
    // The next tick polls it. A kit without the command says so at once, and is polled without waiting for that.
    onEnded: (id, hasSaid) => {
      if (hasSaid) startedAt.delete(id);
      else if (!startedAt.has(id) && links.state(id).state === 'connected') void start(id, true);
    },
    steadyClock,
    log,
  });

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

  function start(applianceId: string, withLicence: boolean): Promise<AppError | null> {
    const before = running.get(applianceId);
    if (before !== undefined) return before;
    startedAt.set(applianceId, steadyClock());
    const { driver } = links.of(applianceId);
    const promise = ask(applianceId, driver, withLicence)
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

  function tick(): void {
    for (const id of options.applianceIds()) {
      if (!isFollowed(id) || links.state(id).state !== 'connected') {
        push.stop(id);
        continue;
      }
      push.start(id);
      if (push.isLive(id) || running.has(id) || (!startedAt.has(id) && push.isAwaited(id))) continue;
      if (isDue(startedAt.get(id), pace.everyMs(id)))
        void start(id, isDue(licenceAt.get(id), licenceEveryMs));
    }
  }
  const stopTimer = callEvery({
    everyMs: tickMs,
    work: tick,
    onError: (thrown) => log.error({ err: thrown }, 'poll failed'),
  });

  /** Asks an appliance at once when its link comes up, even if the last poll was recent. */
  const stopListening = links.onChange((id, state) => {
    // Don't do this for an appliance with invalid answers, because it could then force a poll by dropping its
    // link.
    if (state.state !== 'connected') {
      if (pace.everyMs(id) === pollEveryMs) startedAt.delete(id);
    } else if (isFollowed(id) && !startedAt.has(id)) {
      push.start(id);
      if (!push.isAwaited(id)) void start(id, true);
    }
  });
  function restart(id: string): void {
    startedAt.delete(id);
    licenceAt.delete(id);
    answers.restart(id);
    pace.forget(id);
    running.delete(id);
    push.forget(id);
  }
  const stopRemoved = links.onRemoved(restart);

  return {
    /** Like `ask`, but with one command instead of three if the appliance can say all at once (`snapshot.ts`). */
    askAtOnce: async (applianceId: string): Promise<AppError | null> => {
      const isLate = answers.isOutdated(applianceId);
      const found = await readSnapshot(links.of(applianceId).driver, steadyClock);
      if (found === null) return start(applianceId, true);
      if (!isLate()) answers.storeSaid(applianceId, found.watched, found.heldMs);
      return null;
    },
    /**
     * Polls now, including the licence. Resolves when all commands have ended, with the error of the first
     * failed command or null.
     */
    ask: async (applianceId: string): Promise<AppError | null> => {
      await running.get(applianceId);
      return start(applianceId, true);
    },
    /**
     * Asks for the licence, and for the status, whose clock tells whether the licence's times can be trusted. Stores the
     * answers as a poll does. Resolves with the error of the first failed command or null.
     */
    askForLicence: async (applianceId: string): Promise<AppError | null> => {
      const { driver } = links.of(applianceId);
      const failures = await Promise.all([
        answers.storeAnswerOrGetError(applianceId, 'licence', driver.licence()),
        answers.storeAnswerOrGetError(applianceId, 'status', driver.status()),
      ]);
      return failures.find((failure) => failure !== null) ?? null;
    },
    /** Asks only for the tenants, and stores the answer as a poll does. Rejects like the driver. */
    readTenants: async (applianceId: string) => {
      const answer = links.of(applianceId).driver.remoteNetworks();
      const { value, observedAt } = await answers.storeAnswer({
        applianceId,
        kind: 'remoteNetworks',
        answer,
      });
      return { networks: value, observedAt };
    },
    /** Ignores the answers of running commands, because another machine replaced the appliance. */
    restart,
    /**
     * The polling interval in ms if it is longer than usual because of the appliance's answers; otherwise
     * null.
     */
    slowedToMs: (id: string): number | null => (pace.everyMs(id) === pollEveryMs ? null : pace.everyMs(id)),
    close: () => {
      answers.close();
      push.close();
      stopTimer();
      stopListening();
      stopRemoved();
    },
  };
}
