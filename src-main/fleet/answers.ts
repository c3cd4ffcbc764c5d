import { errorCodes } from '../../src-shared/errorCodes.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { Log } from '../base/log.ts';
import type { ObservationKind, Observations, ObservationValues } from './observations.ts';

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
  clock: () => number;
  log: Log;
}) {
  const { observations, clock, log } = options;
  /**
   * Identifies the machine that is polled for an appliance. When another machine replaces it, or the
   * appliance is removed, the symbol is replaced, and answers to earlier requests are ignored.
   */
  const epochs = new Map<string, symbol>();
  /** The number of the latest request that was answered, by appliance and kind. */
  const lastAnsweredRequest = new Map<string, number>();
  let requestCount = 0;
  let closed = false;

  /**
   * Numbers a request and returns a function that says whether its answer may be stored: false if a later
   * request was answered first.
   */
  function beginRequest(applianceId: string, kind: PolledKind): () => boolean {
    const key = `${applianceId} ${kind}`;
    const number = (requestCount += 1);
    const isLate = isOutdated(applianceId);
    return () => {
      if (isLate() || number < (lastAnsweredRequest.get(key) ?? 0)) return false;
      lastAnsweredRequest.set(key, number);
      return true;
    };
  }

  /**
   * Returns a function that says whether the console was closed or the appliance was replaced since this
   * call.
   */
  function isOutdated(applianceId: string): () => boolean {
    const epoch = epochs.get(applianceId) ?? Symbol(applianceId);
    epochs.set(applianceId, epoch);
    return () => closed || epochs.get(applianceId) !== epoch;
  }

  /**
   * Logs the error of a listener. The caller may have just made a change and must still get the answer.
   */
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

  /** Waits for `answer`, stores it or its error, and returns it. Rejects like `answer`. */
  async function storeAnswer<Each extends PolledKind>(input: {
    applianceId: string;
    kind: Each;
    answer: Promise<ObservationValues[Each]>;
  }): Promise<{ value: ObservationValues[Each]; observedAt: string }> {
    const { applianceId, kind } = input;
    const hasEffect = beginRequest(applianceId, kind);
    let value: ObservationValues[Each];
    try {
      value = await input.answer;
    } catch (thrown) {
      const hasFailed = thrown instanceof AppError && errorCodes[thrown.code].isLinkProblem !== true;
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
      return unexpectedError(commands[kind], thrown);
    }
  }

  return {
    isOutdated,
    publish,
    storeAnswer,
    /** Like `observe`, but resolves with the error, or with null if the answer was stored. */
    storeAnswerOrGetError: <Each extends PolledKind>(
      applianceId: string,
      kind: Each,
      answer: Promise<ObservationValues[Each]>,
    ): Promise<AppError | null> => failureOf(applianceId, kind, storeAnswer({ applianceId, kind, answer })),
    /**
     * Ignores answers to earlier requests, because the appliance was removed or another machine replaced it.
     */
    restart: (applianceId: string): void => {
      epochs.delete(applianceId);
      for (const kind of Object.keys(commands)) lastAnsweredRequest.delete(`${applianceId} ${kind}`);
    },
    close: (): void => {
      closed = true;
    },
  };
}
