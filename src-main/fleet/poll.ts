import { errorCodes } from '../../src-shared/errorCodes.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { Log } from '../base/log.ts';
import { createAskingPace, pollEveryMs } from './askingPace.ts';
import type { Driver } from '../driver/driver.ts';
import type { Links } from '../links/links.ts';
import type { Kind, Observations, Values } from './observations.ts';
import { every } from '../../src-shared/node/every.ts';
import { minuteMs } from '../../src-shared/base/time.ts';

const licenceEveryMs = minuteMs;
const tickMs = 500;

const commands = {
  status: 'ke_status',
  remoteNetworks: 'ke_manage_remote_networks list',
  licence: 'ke_manage_license_key show',
} as const satisfies Partial<Record<Kind, string>>;

type Asked = keyof typeof commands;

const failureKinds = {
  status: 'statusFailure',
  remoteNetworks: 'remoteNetworksFailure',
  licence: 'licenceFailure',
} as const satisfies Record<Asked, Kind>;

export type Poll = {
  /** Asks now, also for the licence; resolves once all is answered or failed, with the first command's failure. */
  ask: (applianceId: string) => Promise<AppError | null>;
  /** The appliance is another one now: what is under way is dropped, what was asked counts no more. */
  restart: (applianceId: string) => void;
  /** How often it is asked, milliseconds, if less often than others because of its answers; else null. */
  slowedToMs: (applianceId: string) => number | null;
  close: () => void;
};

const unexpected = (asked: string, cause: unknown) =>
  new AppError('INTERNAL', `Asking ${asked} went wrong; the log says more.`, { cause });

/**
 * Asks each connected appliance every five seconds, or less often if its answers are bad or slow; a round is skipped while
 * the one before still runs.
 */
export function createPoll(options: {
  links: Links;
  observations: Observations;
  applianceIds: () => string[];
  onObserved: (applianceId: string) => void;
  clock: () => number;
  /** Milliseconds that only go forward, so that a changed system clock doesn't move the next poll. */
  steadyClock: () => number;
  log: Log;
}): Poll {
  const { links, observations, clock, steadyClock, log } = options;
  const running = new Map<string, Promise<AppError | null>>();
  const startedAt = new Map<string, number>();
  const licenceAt = new Map<string, number>();
  const pace = createAskingPace();
  /** The round whose answers count. */
  const rounds = new Map<string, symbol>();
  let closed = false;

  async function observe<Each extends Asked>(asked: {
    applianceId: string;
    round: symbol;
    kind: Each;
    answer: Promise<Values[Each]>;
  }): Promise<AppError | null> {
    const { applianceId, kind } = asked;
    const command = commands[kind];
    const isLate = () => closed || rounds.get(applianceId) !== asked.round;
    try {
      const value = await asked.answer;
      if (isLate()) return null;
      observations.set(applianceId, kind, { value, observedAt: new Date(clock()).toISOString() });
      observations.clear(applianceId, failureKinds[kind]);
      options.onObserved(applianceId);
      return null;
    } catch (thrown) {
      if (isLate()) return null;
      if (!(thrown instanceof AppError)) {
        log.error({ err: thrown, applianceId, command }, 'poll failed');
        return unexpected(command, thrown);
      }
      if (errorCodes[thrown.code].linkTrouble !== true) {
        const text = thrown.detail['text'];
        observations.set(applianceId, failureKinds[kind], {
          value: {
            command,
            text: typeof text === 'string' ? text : '',
            error: thrown.message,
            code: thrown.code,
          },
          observedAt: new Date(clock()).toISOString(),
        });
        options.onObserved(applianceId);
      }
      return thrown;
    }
  }

  async function ask(applianceId: string, driver: Driver, withLicence: boolean): Promise<AppError | null> {
    const round = Symbol('round');
    rounds.set(applianceId, round);
    const licence = async () => {
      const failure = await observe({ applianceId, round, kind: 'licence', answer: driver.licence() });
      if (failure === null && rounds.get(applianceId) === round) licenceAt.set(applianceId, steadyClock());
      return failure;
    };
    const roundStartedAt = steadyClock();
    const results = await Promise.all([
      observe({ applianceId, round, kind: 'status', answer: driver.status() }),
      observe({ applianceId, round, kind: 'remoteNetworks', answer: driver.remoteNetworks() }),
      withLicence ? licence() : null,
    ]);
    const failures = results.filter((failure) => failure !== null);
    if (!closed && rounds.get(applianceId) === round) {
      const before = pace.everyMs(applianceId);
      // The short text of an appliance from before --json is as good an answer as it has.
      const unexpectedOnes = failures.filter(({ detail }) => detail['knowsJson'] !== false);
      pace.note(applianceId, {
        failures: unexpectedOnes.map(({ code }) => code),
        tookMs: steadyClock() - roundStartedAt,
      });
      if (pace.everyMs(applianceId) !== before) options.onObserved(applianceId);
    }
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
        return unexpected('the appliance', thrown);
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
  const stopTimer = every({
    everyMs: tickMs,
    work: tick,
    onError: (thrown) => log.error({ err: thrown }, 'poll failed'),
  });

  /** A link that just came up is asked at once, whenever it was asked last. */
  const stopListening = links.onChange((id, state) => {
    // Not one whose answers are bad: else it would be asked at once again by dropping the link.
    if (state.state !== 'connected') {
      if (pace.everyMs(id) === pollEveryMs) startedAt.delete(id);
    } else if (!startedAt.has(id)) void start(id, true);
  });
  function restart(id: string): void {
    startedAt.delete(id);
    licenceAt.delete(id);
    rounds.delete(id);
    pace.forget(id);
    running.delete(id);
  }
  const stopRemoved = links.onRemoved(restart);

  return {
    ask: async (applianceId) => {
      await running.get(applianceId);
      return start(applianceId, true);
    },
    restart,
    slowedToMs: (id) => (pace.everyMs(id) === pollEveryMs ? null : pace.everyMs(id)),
    close: () => {
      closed = true;
      stopTimer();
      stopListening();
      stopRemoved();
    },
  };
}
