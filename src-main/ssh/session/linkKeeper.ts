import { hostKeyDetailSchema } from '../../../src-shared/errorFacts.ts';
import { AppError, toErrorData, type ErrorData } from '../../../src-shared/errors.ts';
import type { LinkState } from '../../../src-shared/model/appliance/link.ts';
import { backOffMs } from '../../../src-shared/base/backOff.ts';
import type { Clock } from '../../../src-shared/base/clock.ts';
import type { SecretMemory } from './secretMemory.ts';
import type { Slots } from '../../../src-shared/base/slots.ts';
import type { ConnectRequest, HopName, SshConnection, SshTransport } from '../types.ts';
import { race } from '../../../src-shared/base/race.ts';
import { secondMs } from '../../../src-shared/base/time.ts';

/**
 * The pause between an answer and the next ping, and how long a ping may take **[ours]**. Together, a silent
 * server is noticed within 14 s.
 */
const pingEveryMs = 5000;
const pingTimeoutMs = 9000;
/** If a link was up for this time, the next delay before a retry is the shortest again **[ours]**. */
const stableAfterMs = 30 * secondMs;

/** A state without `since`, because the link keeper sets `since`. */
type WithoutSince<T> = T extends unknown ? Omit<T, 'since'> : never;
export type NextState = WithoutSince<LinkState>;

export type LinkKeeperOptions = {
  transport: SshTransport;
  request: Pick<
    ConnectRequest,
    'target' | 'jumps' | 'verifyHostKey' | 'pinnedTypes' | 'legacyAlgorithms' | 'onStep' | 'unclearEnds'
  >;
  firstHop: HopName;
  secrets: SecretMemory;
  handshakes: Slots;
  clock: Clock;
  random: () => number;
  /** Shows the next state. `since` changes only if the kind of state changes. */
  show: (state: NextState) => void;
  onAttempt: () => void;
  onConnection: (connection: SshConnection | null) => void;
  onHeard: (latencyMs: number) => void;
};

/** Connects once through all hops. Releases its handshake slot while it waits for the user. */
async function connectOnce(options: LinkKeeperOptions, signal: AbortSignal): Promise<SshConnection> {
  const { handshakes, show } = options;
  let hop = options.firstHop;
  const isQueued = handshakes.isFull();
  if (isQueued) show({ state: 'connecting', hop, isQueued });
  let release = await handshakes.acquire(signal);
  if (isQueued) show({ state: 'connecting', hop });
  let openQuestionCount = 0;
  let isOver = false;
  try {
    return await options.transport.connect({
      ...options.request,
      signal,
      onHop(name) {
        hop = name;
        show({ state: 'connecting', hop });
      },
      async askSecret(question) {
        if (options.secrets.hasAnswer(question)) return options.secrets.ask(question);
        openQuestionCount += 1;
        release();
        show({ state: 'waiting-secret', hop: question.hop });
        try {
          return await options.secrets.ask(question);
        } finally {
          openQuestionCount -= 1;
          // The attempt may have ended in the meantime, because servers close a connection after about two
          // minutes without a login.
          if (openQuestionCount === 0 && !isOver && !signal.aborted) {
            release = await handshakes.acquire(signal);
            if (isOver) release();
            else show({ state: 'connecting', hop });
          }
        }
      },
    });
  } finally {
    isOver = true;
    release();
  }
}

/** Pings the appliance until the link ends. Resolves with the error that ended it. */
async function pingUntilLost(
  options: LinkKeeperOptions,
  connection: SshConnection,
  signal: AbortSignal,
): Promise<ErrorData> {
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  let reason: ErrorData | null = null;
  void waitForEnd();
  async function waitForEnd(): Promise<void> {
    reason = await connection.closed;
    ended.abort();
  }
  try {
    for (;;) {
      options.onHeard(await race(connection.ping(pingTimeoutMs), { signal: stop }));
      await options.clock.sleep(pingEveryMs, stop);
      stop.throwIfAborted();
    }
  } catch (error) {
    return reason ?? toErrorData(error);
  }
}

type NextStep = { next: 'again' } | { next: 'wait'; error: ErrorData } | { next: 'end'; state: NextState };

/**
 * Decides what to do after a failed attempt. If a question to the user is open, waits for the answer first.
 */
async function decideNextStep(
  options: LinkKeeperOptions,
  error: ErrorData,
  signal: AbortSignal,
): Promise<NextStep> {
  if (error.code === 'HOST_KEY_UNKNOWN') {
    const detail = hostKeyDetailSchema.safeParse(error.detail).data;
    if (detail !== undefined) {
      const { hop, offered, knownHosts } = detail;
      return { next: 'end', state: { state: 'waiting-host-key', hop, offered, knownHosts } };
    }
  }
  const pending = options.secrets.waitForOpenQuestions();
  if (pending !== null && error.retryable) {
    // The server closes the connection before most users have answered. Connect again only when there is an
    // answer.
    const answered = await race(pending, { signal }).catch(() => false);
    if (answered) return { next: 'again' };
    const unanswered = new AppError('SECRET_NEEDED', 'The login question was not answered.');
    return { next: 'end', state: { state: 'stopped', error: unanswered.toData() } };
  }
  return error.retryable ? { next: 'wait', error } : { next: 'end', state: { state: 'stopped', error } };
}

async function connectedUntilLost(
  options: LinkKeeperOptions,
  connection: SshConnection,
  signal: AbortSignal,
): Promise<ErrorData> {
  options.onConnection(connection);
  options.show({
    state: 'connected',
    latencyMs: null,
    lastHeardAt: new Date(options.clock.now()).toISOString(),
    serverSoftware: connection.serverSoftware,
    algorithms: connection.algorithms,
    ...(connection.localPort === undefined ? {} : { localPort: connection.localPort }),
  });
  try {
    return await pingUntilLost(options, connection, signal);
  } finally {
    connection.close();
    options.onConnection(null);
  }
}

/**
 * Connects and keeps the link up. Resolves when `signal` aborts or the link can't come up without the user.
 * `retryNow` returns a signal that ends the current delay before a retry.
 */
export async function keepLinkAlive(
  given: LinkKeeperOptions,
  signal: AbortSignal,
  retryNow: () => AbortSignal,
): Promise<void> {
  const { clock } = given;
  let failures = 0;
  let lastError: ErrorData | null = null;
  const show = (state: NextState) => {
    if (state.state === 'connected') lastError = null;
    given.show(state.state === 'connecting' && lastError !== null ? { ...state, after: lastError } : state);
  };
  const request = { ...given.request, unclearEnds: new Set<HopName>() };
  const options = { ...given, request, show };
  while (!signal.aborted) {
    show({ state: 'connecting', hop: options.firstHop });
    options.onAttempt();
    let nextStep: NextStep;
    try {
      const connection = await connectOnce(options, signal);
      const connectedAt = clock.now();
      const error = await connectedUntilLost(options, connection, signal);
      if (clock.now() - connectedAt >= stableAfterMs) failures = 0;
      nextStep = error.retryable
        ? { next: 'wait', error }
        : { next: 'end', state: { state: 'stopped', error } };
    } catch (error) {
      nextStep = await decideNextStep(options, toErrorData(error), signal);
    }
    if (signal.aborted) return;
    if (nextStep.next === 'end') {
      show(nextStep.state);
      return;
    }
    if (nextStep.next === 'wait') {
      failures += 1;
      lastError = nextStep.error;
      const delay = backOffMs(failures, options.random);
      const retry = retryNow();
      show({
        state: 'retrying',
        attempt: failures,
        nextAttemptAt: new Date(clock.now() + delay).toISOString(),
        error: nextStep.error,
      });
      await clock.sleep(delay, AbortSignal.any([signal, retry]));
    }
  }
}
