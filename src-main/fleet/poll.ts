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

type PolledKind = keyof typeof commands;

const failureKinds = {
  status: 'statusFailure',
  remoteNetworks: 'remoteNetworksFailure',
  licence: 'licenceFailure',
} as const satisfies Record<PolledKind, Kind>;

const unexpected = (command: string, cause: unknown) =>
  new AppError('INTERNAL', `Running ${command} failed inside Sallyport; see its log.`, { cause });

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
}) {
  const { links, observations, clock, steadyClock, log } = options;
  const running = new Map<string, Promise<AppError | null>>();
  const startedAt = new Map<string, number>();
  const licenceAt = new Map<string, number>();
  const pace = createAskingPace();
  /** How often each appliance was replaced by another machine; answers from before don't count. */
  const restarts = new Map<string, number>();
  /** The latest question that was answered, by appliance and kind. */
  const answeredUpTo = new Map<string, number>();
  let questionCount = 0;
  let closed = false;

  /** Returns a check for an arrived answer: false once a later question of its kind was answered. */
  function beginQuestion(applianceId: string, kind: PolledKind): () => boolean {
    const key = `${applianceId} ${kind}`;
    const number = (questionCount += 1);
    const isLate = isOutdated(applianceId);
    return () => {
      if (isLate() || number < (answeredUpTo.get(key) ?? 0)) return false;
      answeredUpTo.set(key, number);
      return true;
    };
  }

  /** Returns a check for whether the console closed or the appliance was replaced since this call. */
  function isOutdated(applianceId: string): () => boolean {
    const before = restarts.get(applianceId);
    return () => closed || restarts.get(applianceId) !== before;
  }

  /** A listener that fails must not take the answer from the caller, who may have just made a change. */
  function publish(applianceId: string): void {
    try {
      options.onObserved(applianceId);
    } catch (thrown) {
      log.error({ err: thrown, applianceId }, 'answer not passed on');
    }
  }

  function saveFailure(applianceId: string, kind: PolledKind, failure: AppError): void {
    const text = failure.detail['text'];
    observations.set(applianceId, failureKinds[kind], {
      value: {
        command: commands[kind],
        text: typeof text === 'string' ? text : '',
        error: failure.message,
        code: failure.code,
      },
      observedAt: new Date(clock()).toISOString(),
    });
    publish(applianceId);
  }

  /** Stores the answer, or why there was none, and passes it on. Rejects as `answer` does. */
  async function observe<Each extends PolledKind>(input: {
    applianceId: string;
    kind: Each;
    answer: Promise<Values[Each]>;
  }): Promise<{ value: Values[Each]; observedAt: string }> {
    const { applianceId, kind } = input;
    const hasEffect = beginQuestion(applianceId, kind);
    let value: Values[Each];
    try {
      value = await input.answer;
    } catch (thrown) {
      const hasFailed = thrown instanceof AppError && errorCodes[thrown.code].linkTrouble !== true;
      if (hasFailed && hasEffect()) saveFailure(applianceId, kind, thrown);
      throw thrown;
    }
    const observed = { value, observedAt: new Date(clock()).toISOString() };
    if (hasEffect()) {
      observations.set(applianceId, kind, observed);
      observations.clear(applianceId, failureKinds[kind]);
      publish(applianceId);
    }
    return observed;
  }

  async function failureOf(
    applianceId: string,
    kind: PolledKind,
    observed: Promise<unknown>,
  ): Promise<AppError | null> {
    try {
      await observed;
      return null;
    } catch (thrown) {
      if (thrown instanceof AppError) return thrown;
      log.error({ err: thrown, applianceId, command: commands[kind] }, 'poll failed');
      return unexpected(commands[kind], thrown);
    }
  }

  async function ask(applianceId: string, driver: Driver, withLicence: boolean): Promise<AppError | null> {
    const isLate = isOutdated(applianceId);
    const run = <Each extends PolledKind>(kind: Each, answer: Promise<Values[Each]>) =>
      failureOf(applianceId, kind, observe({ applianceId, kind, answer }));
    const askLicence = async () => {
      const failure = await run('licence', driver.licence());
      if (failure === null && !isLate()) licenceAt.set(applianceId, steadyClock());
      return failure;
    };
    const roundStartedAt = steadyClock();
    const results = await Promise.all([
      run('status', driver.status()),
      run('remoteNetworks', driver.remoteNetworks()),
      withLicence ? askLicence() : null,
    ]);
    if (isLate()) return null;
    const failures = results.filter((failure) => failure !== null);
    const before = pace.everyMs(applianceId);
    // The short text of an appliance from before --json is as good an answer as it has.
    const unexpectedFailures = failures.filter(({ detail }) => detail['knowsJson'] !== false);
    pace.note(applianceId, {
      failures: unexpectedFailures.map(({ code }) => code),
      tookMs: steadyClock() - roundStartedAt,
    });
    if (pace.everyMs(applianceId) !== before) publish(applianceId);
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
        return unexpected('the poll', thrown);
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
    restarts.set(id, (restarts.get(id) ?? 0) + 1);
    pace.forget(id);
    running.delete(id);
  }
  const stopRemoved = links.onRemoved(restart);

  return {
    /** Asks now, also for the licence; resolves once all is answered or failed, with the first command's failure. */
    ask: async (applianceId: string): Promise<AppError | null> => {
      await running.get(applianceId);
      return start(applianceId, true);
    },
    /** Asks only for the tenants, and stores the answer like that of a round. Rejects as the driver does. */
    readTenants: async (applianceId: string) => {
      const answer = links.of(applianceId).driver.remoteNetworks();
      const { value, observedAt } = await observe({ applianceId, kind: 'remoteNetworks', answer });
      return { networks: value, observedAt };
    },
    /** Another machine answers for this appliance: running commands no longer count. */
    restart,
    /** How often it is asked, in ms, if less often than others because of its answers; else null. */
    slowedToMs: (id: string): number | null => (pace.everyMs(id) === pollEveryMs ? null : pace.everyMs(id)),
    close: () => {
      closed = true;
      stopTimer();
      stopListening();
      stopRemoved();
    },
  };
}
