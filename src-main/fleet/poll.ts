import { AppError, type ErrorCode } from '../../src-shared/errors.ts';
import type { Log } from '../log.ts';
import type { Driver, Links } from './links.ts';
import type { Kind, Observations, Values } from './observations.ts';

const pollEveryMs = 5_000;
const licenceEveryMs = 60_000;
const tickMs = 500;

/** The link's own trouble; its state says so already. */
const linkTrouble: readonly ErrorCode[] = ['LINK_LOST', 'LINK_NOT_READY', 'CANCELLED'];

const commands = {
  status: 'ke_status',
  remoteNetworks: 'ke_manage_remote_networks list',
  licence: 'ke_manage_license_key show',
} as const satisfies Partial<Record<Kind, string>>;

type Asked = keyof typeof commands;

export type Poll = {
  /** Asks now, also for the licence; resolves once all is answered or failed, with the first command's failure. */
  ask: (applianceId: string) => Promise<AppError | null>;
  close: () => void;
};

const unexpected = (asked: string, cause: unknown) =>
  new AppError('INTERNAL', `Asking ${asked} went wrong; the log says more.`, { cause });

/** Asks each connected appliance every five seconds; a round is skipped while the one before still runs. */
export function createPoll(options: {
  links: Links;
  observations: Observations;
  applianceIds: () => string[];
  onObserved: (applianceId: string) => void;
  clock: () => number;
  log: Log;
}): Poll {
  const { links, observations, clock, log } = options;
  const running = new Map<string, Promise<AppError | null>>();
  const startedAt = new Map<string, number>();
  const licenceAt = new Map<string, number>();
  let closed = false;

  async function observe<Each extends Asked>(
    applianceId: string,
    kind: Each,
    answer: Promise<Values[Each]>,
  ): Promise<AppError | null> {
    const command = commands[kind];
    try {
      const value = await answer;
      if (closed) return null;
      observations.set(applianceId, kind, { value, observedAt: new Date(clock()).toISOString() });
      if (observations.of(applianceId).unparsed?.value.command === command)
        observations.clear(applianceId, 'unparsed');
      options.onObserved(applianceId);
      return null;
    } catch (thrown) {
      if (closed) return null;
      if (!(thrown instanceof AppError)) {
        log.error({ err: thrown, applianceId, command }, 'poll failed');
        return unexpected(command, thrown);
      }
      if (!linkTrouble.includes(thrown.code)) {
        const text = thrown.detail['text'];
        observations.set(applianceId, 'unparsed', {
          value: { command, text: typeof text === 'string' ? text : '', error: thrown.message },
          observedAt: new Date(clock()).toISOString(),
        });
        options.onObserved(applianceId);
      }
      return thrown;
    }
  }

  async function round(applianceId: string, driver: Driver, withLicence: boolean): Promise<AppError | null> {
    const licence = async () => {
      const failure = await observe(applianceId, 'licence', driver.licence());
      if (failure === null) licenceAt.set(applianceId, clock());
      return failure;
    };
    const failures = await Promise.all([
      observe(applianceId, 'status', driver.status()),
      observe(applianceId, 'remoteNetworks', driver.remoteNetworks()),
      withLicence ? licence() : null,
    ]);
    return failures.find((failure) => failure !== null) ?? null;
  }

  function start(applianceId: string, withLicence: boolean): Promise<AppError | null> {
    const before = running.get(applianceId);
    if (before !== undefined) return before;
    startedAt.set(applianceId, clock());
    const { driver } = links.of(applianceId);
    const promise = round(applianceId, driver, withLicence)
      .catch((thrown: unknown) => {
        log.error({ err: thrown, applianceId }, 'poll failed');
        return unexpected('the appliance', thrown);
      })
      .finally(() => running.delete(applianceId));
    running.set(applianceId, promise);
    return promise;
  }

  const isDue = (at: number | undefined, everyMs: number) => at === undefined || clock() - at >= everyMs;

  function tick(): void {
    for (const id of options.applianceIds()) {
      if (links.state(id).state !== 'connected' || running.has(id)) continue;
      if (isDue(startedAt.get(id), pollEveryMs)) void start(id, isDue(licenceAt.get(id), licenceEveryMs));
    }
  }
  const timer = setInterval(tick, tickMs);
  timer.unref();

  /** A link that just came up is asked at once, whenever it was asked last. */
  const stopListening = links.onChange((id, state) => {
    if (state.state !== 'connected') startedAt.delete(id);
    else if (!startedAt.has(id)) void start(id, true);
  });
  const stopRemoved = links.onRemoved((id) => {
    startedAt.delete(id);
    licenceAt.delete(id);
  });

  return {
    ask: async (applianceId) => {
      await running.get(applianceId);
      return start(applianceId, true);
    },
    close: () => {
      closed = true;
      clearInterval(timer);
      stopListening();
      stopRemoved();
    },
  };
}
