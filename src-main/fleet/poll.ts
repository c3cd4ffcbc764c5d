import type { AppError } from '../../src-shared/errors.ts';
import type { Log } from '../base/log.ts';
import { createPollingPace, pollEveryMs } from './pollingPace.ts';
import type { Driver } from '../driver/driver.ts';
import type { Links } from '../links/links.ts';
import { createAnswers, unexpectedError } from './answers.ts';
import type { Observations } from './observations.ts';
import { callEvery } from '../../src-shared/node/callEvery.ts';
import { minuteMs } from '../../src-shared/base/time.ts';

const licenceEveryMs = minuteMs;
const tickMs = 500;

/**
 * Polls each connected appliance every five seconds, or less often if its answers are invalid or slow. Starts
 * no poll while the previous one is running.
 */
export function createPoll(options: {
  links: Links;
  observations: Observations;
  applianceIds: () => string[];
  onObserved: (applianceId: string) => void;
  clock: () => number;
  /**
   * Milliseconds of a clock that a change of the system time does not affect, so that the next poll is not
   * moved.
   */
  steadyClock: () => number;
  log: Log;
}) {
  const { links, steadyClock, log } = options;
  const running = new Map<string, Promise<AppError | null>>();
  const startedAt = new Map<string, number>();
  const licenceAt = new Map<string, number>();
  const pace = createPollingPace();
  const answers = createAnswers(options);
  async function ask(applianceId: string, driver: Driver, withLicence: boolean): Promise<AppError | null> {
    const isLate = answers.isOutdated(applianceId);
    const askLicence = async () => {
      const failure = await answers.storeAnswerOrGetError(applianceId, 'licence', driver.licence());
      if (failure === null && !isLate()) licenceAt.set(applianceId, steadyClock());
      return failure;
    };
    const roundStartedAt = steadyClock();
    const results = await Promise.all([
      answers.storeAnswerOrGetError(applianceId, 'status', driver.status()),
      answers.storeAnswerOrGetError(applianceId, 'remoteNetworks', driver.remoteNetworks()),
      withLicence ? askLicence() : null,
    ]);
    if (isLate()) return null;
    const failures = results.filter((failure) => failure !== null);
    const before = pace.everyMs(applianceId);
    // An appliance without --json only answers with text that can't be parsed. That must not slow down
    // polling.
    const unexpectedFailures = failures.filter(({ detail }) => detail['knowsJson'] !== false);
    pace.note(applianceId, {
      failures: unexpectedFailures.map(({ code }) => code),
      tookMs: steadyClock() - roundStartedAt,
    });
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
      if (links.state(id).state !== 'connected' || running.has(id)) continue;
      if (isDue(startedAt.get(id), pace.everyMs(id)))
        void start(id, isDue(licenceAt.get(id), licenceEveryMs));
    }
  }
  const stopTimer = callEvery({
    everyMs: tickMs,
    work: tick,
    onError: (thrown) => log.error({ err: thrown }, 'poll failed'),
  });

  /** Polls an appliance at once when its link comes up, even if the last poll was recent. */
  const stopListening = links.onChange((id, state) => {
    // Don't do this for an appliance with invalid answers, because it could then force a poll by dropping its
    // link.
    if (state.state !== 'connected') {
      if (pace.everyMs(id) === pollEveryMs) startedAt.delete(id);
    } else if (!startedAt.has(id)) void start(id, true);
  });
  function restart(id: string): void {
    startedAt.delete(id);
    licenceAt.delete(id);
    answers.restart(id);
    pace.forget(id);
    running.delete(id);
  }
  const stopRemoved = links.onRemoved(restart);

  return {
    /**
     * Polls now, including the licence. Resolves when all commands have ended, with the error of the first
     * failed command or null.
     */
    ask: async (applianceId: string): Promise<AppError | null> => {
      await running.get(applianceId);
      return start(applianceId, true);
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
      stopTimer();
      stopListening();
      stopRemoved();
    },
  };
}
