import { errorCodes } from '../../src-shared/errorCodes.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { Log } from '../base/log.ts';
import type { ObservationKind, Observations, ObservationValues } from './observations.ts';
import { createRequestOrder } from './requestOrder.ts';

const commands = {
  status: 'ke_status',
  remoteNetworks: 'ke_manage_remote_networks list',
  licence: 'ke_manage_license_key show',
} as const satisfies Partial<Record<ObservationKind, string>>;

export type PolledKind = keyof typeof commands;

const failureKinds = {
  status: 'statusFailure',
  remoteNetworks: 'remoteNetworksFailure',
  licence: 'licenceFailure',
} as const satisfies Record<PolledKind, ObservationKind>;

export const unexpectedError = (command: string, cause: unknown) =>
  new AppError('INTERNAL', `Running ${command} failed inside Sallyport; see its log.`, { cause });

/** Stores the newest answer of each kind from each appliance, and calls `onObserved` after each. */
export function createAnswers(options: {
  observations: Observations;
  onObserved: (applianceId: string) => void;
  /** Since when the link is up. Null while it is down. */
  linkedSince: (applianceId: string) => string | null;
  clock: () => number;
  /** Milliseconds of a clock that a change of the system time does not affect. */
  steadyClock: () => number;
  log: Log;
}) {
  const { observations, linkedSince, clock, steadyClock, log } = options;
  const { beginRequest, restart, ...order } = createRequestOrder();
  /** When what is stored of each kind held, by the steady clock: the times beside the values may be ahead of the clock. */
  const heldAt = new Map<string, Map<PolledKind, number>>();

  function noteHeld(applianceId: string, kind: PolledKind, atMs: number): void {
    const times = heldAt.get(applianceId) ?? new Map<PolledKind, number>();
    heldAt.set(applianceId, times.set(kind, atMs));
  }

  /**
   * Logs the error of a listener. The caller may have just made a change and must still get the answer.
   */
  function publish(applianceId: string): void {
    try {
      options.onObserved(applianceId);
    } catch (thrown) {
      log.error({ err: thrown, applianceId }, 'could not pass on an answer');
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

  /** Waits for `answer`, stores it or its error, and returns it. Rejects like `answer`. */
  async function storeAnswer<Each extends PolledKind>(input: {
    applianceId: string;
    kind: Each;
    answer: Promise<ObservationValues[Each]>;
  }): Promise<{ value: ObservationValues[Each]; observedAt: string }> {
    const { applianceId, kind } = input;
    const hasEffect = beginRequest(applianceId, kind);
    const [begunAtMs, begunSteadyMs, begunOver] = [clock(), steadyClock(), linkedSince(applianceId)];
    let value: ObservationValues[Each];
    try {
      value = await input.answer;
    } catch (thrown) {
      const hasFailed = thrown instanceof AppError && errorCodes[thrown.code].isLinkProblem !== true;
      if (hasFailed && hasEffect()) saveFailure(applianceId, kind, thrown);
      throw thrown;
    }
    // If the link was replaced in the meantime, the answer is of the earlier connection.
    const isOfThisLink = begunOver === null || begunOver === linkedSince(applianceId);
    const observedAtMs = isOfThisLink ? clock() : begunAtMs;
    const observed = { value, observedAt: new Date(observedAtMs).toISOString() };
    if (hasEffect()) {
      noteHeld(applianceId, kind, isOfThisLink ? steadyClock() : begunSteadyMs);
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
      return unexpectedError(commands[kind], thrown);
    }
  }

  /**
   * Stores what the appliance said unasked, and what held at `heldMs` by the steady clock, unless a command that was answered
   * since knows better. Calls `onObserved` once.
   */
  function storeSaid(
    applianceId: string,
    values: { [Each in PolledKind]: ObservationValues[Each] },
    heldMs: number,
  ): void {
    const observedAt = new Date(clock() - Math.max(0, steadyClock() - heldMs)).toISOString();
    const put = <Each extends PolledKind>(kind: Each, value: ObservationValues[Each]) => {
      if ((heldAt.get(applianceId)?.get(kind) ?? Number.NEGATIVE_INFINITY) > heldMs) return;
      if (!beginRequest(applianceId, kind)()) return;
      noteHeld(applianceId, kind, heldMs);
      observations.set(applianceId, kind, { value, observedAt });
      observations.clear(applianceId, failureKinds[kind]);
    };
    put('status', values.status);
    put('remoteNetworks', values.remoteNetworks);
    put('licence', values.licence);
    publish(applianceId);
  }

  return {
    ...order,
    /** Ignores answers to earlier requests, because the appliance was removed or another machine replaced it. */
    restart: (applianceId: string): void => {
      heldAt.delete(applianceId);
      restart(applianceId);
    },
    publish,
    storeAnswer,
    storeSaid,
    /** Like `storeAnswer`, but resolves with the error, or with null if the answer was stored. */
    storeAnswerOrGetError: <Each extends PolledKind>(
      applianceId: string,
      kind: Each,
      answer: Promise<ObservationValues[Each]>,
    ): Promise<AppError | null> => failureOf(applianceId, kind, storeAnswer({ applianceId, kind, answer })),
  };
}

export type Answers = ReturnType<typeof createAnswers>;
