import { AppError, type ErrorData } from '../../../src-shared/errors.ts';
import { systemClock, type Clock } from '../../../src-shared/base/clock.ts';
import { createEmitter } from '../../../src-shared/base/emitter.ts';
import { race } from '../../../src-shared/base/race.ts';
import type { Slots } from '../../../src-shared/base/slots.ts';
import type { SshTarget, Sudo } from '../../../src-shared/model/appliance/applianceEntry.ts';
import type { AuthenticationStep, LinkState, ServerNotes } from '../../../src-shared/model/appliance/link.ts';
import { hopNameOf } from '../transport/hopName.ts';
import { limitText } from '../transport/serverTexts.ts';
import type {
  AskSecret,
  ConnectRequest,
  Session,
  SshTransport,
  StoredSecrets,
  VerifyHostKey,
} from '../types.ts';
import { createChannels, createLink, type Link } from './channels.ts';
import { linkError } from './linkError.ts';
import { keepLinkAlive, type NextState } from './linkKeeper.ts';
import { createPrivilege } from './privilege.ts';
import { createSecretMemory } from './secretMemory.ts';

const maxSteps = 200;

export type SessionOptions = {
  transport: SshTransport;
  target: SshTarget;
  jumps: readonly SshTarget[];
  /** How to run privileged commands. */
  sudo: Sudo;
  verifyHostKey: VerifyHostKey;
  pinnedTypes?: ConnectRequest['pinnedTypes'];
  legacyAlgorithms?: boolean;
  /** Asks the user. The session remembers the answers until `release`. */
  askSecret: AskSecret;
  /** Answers without the user. */
  stored?: StoredSecrets;
  /** The handshake slots that all sessions of a console share (`createHandshakes`). */
  handshakes: Slots;
  clock?: Clock;
  /** Returns a number from 0 to 1, to vary the delays between retries. */
  random?: () => number;
};

/**
 * The time from `want` to `release`, or until `want` with `force` starts again. Callbacks of an earlier epoch
 * are ignored.
 */
type Epoch = { abort: AbortController; retryNow: AbortController };

/**
 * Creates the session of an appliance, which all parts of the console share. It connects only after `want`.
 */
export function createSession(options: SessionOptions): Session {
  const clock = options.clock ?? systemClock;
  const hop = hopNameOf(options.target);
  const firstHop = hopNameOf(options.jumps[0] ?? options.target);
  const secrets = createSecretMemory(options.askSecret, options.stored);
  const privilege = createPrivilege({ sudo: options.sudo, hop, ask: secrets.ask });
  const changes = createEmitter<[state: LinkState]>();
  const instant = () => new Date(clock.now()).toISOString();
  let state: LinkState = { state: 'idle', since: instant() };
  let steps: AuthenticationStep[] = [];
  let epoch: Epoch | null = null;
  let link: Link | null = null;

  function show(next: NextState): void {
    const isSame = next.state === state.state && next.state !== 'retrying' && next.state !== 'connecting';
    state = { ...next, since: isSame ? state.since : instant() };
    changes.emit(state);
  }

  function noteAnswer(latencyMs?: number): void {
    if (state.state !== 'connected') return;
    show({ ...state, lastHeardAt: instant(), latencyMs: latencyMs ?? state.latencyMs });
  }

  /** Adds to what is known about the server of the current link. */
  function noteServer(notes: Partial<ServerNotes>): void {
    if (state.state !== 'connected') return;
    const before = state.notes ?? { maxSessions: null, startupText: null };
    const after = { ...before, ...notes };
    if (after.maxSessions === before.maxSessions && after.startupText === before.startupText) return;
    show({ ...state, notes: after });
  }

  function noteStartupText(text: string): void {
    const startupText = limitText(text);
    if (startupText === '') return noteServer({ startupText: null });
    // A greeting may differ each time, such as the time of day, so the first one stays.
    if (state.state === 'connected' && typeof state.notes?.startupText === 'string') return;
    noteServer({ startupText });
  }

  function addStep(step: AuthenticationStep): void {
    if (steps.length < maxSteps) steps = [...steps, step];
  }

  function start(): void {
    const mine: Epoch = { abort: new AbortController(), retryNow: new AbortController() };
    epoch = mine;
    const ifCurrent =
      <Arguments extends unknown[]>(work: (...args: Arguments) => void) =>
      (...args: Arguments) => {
        if (epoch === mine) work(...args);
      };
    keepLinkAlive(
      {
        ...options,
        request: { ...requestOf(options), onStep: ifCurrent(addStep) },
        firstHop,
        secrets,
        clock,
        random: options.random ?? Math.random,
        show: ifCurrent(show),
        onAttempt: () => {
          steps = [];
        },
        onConnection: ifCurrent((connection) => {
          if (connection !== null) channels.reset();
          link = connection === null ? null : createLink(connection, hop);
        }),
        onHeard: ifCurrent(noteAnswer),
      },
      mine.abort.signal,
      () => mine.retryNow.signal,
    ).catch(
      ifCurrent(() =>
        show({
          state: 'stopped',
          error: new AppError(
            'INTERNAL',
            'The connection ended because of an internal error in Sallyport.',
          ).toData(),
        }),
      ),
    );
  }

  const channels = createChannels({
    link: () => {
      if (link !== null) return link;
      throw new AppError('LINK_NOT_READY', `${hop} is not connected (${state.state}).`, {
        detail: { hop, state: state.state },
      });
    },
    privilege,
    onAnswer: noteAnswer,
    onLimit: (maxSessions) => noteServer({ maxSessions }),
    onStartupText: noteStartupText,
  });

  const { reset: _reset, ...calls } = channels;
  return {
    ...calls,
    state: () => state,
    steps: () => steps,
    onChange: changes.on,
    want({ force = false } = {}) {
      if (force) privilege.allowAskingAgain();
      const waitsForPerson = state.state === 'stopped' || state.state === 'waiting-host-key';
      if (epoch === null || (waitsForPerson && force)) return start();
      if (!force) return;
      epoch.retryNow.abort();
      epoch.retryNow = new AbortController();
      // Shown at once, so that no caller takes the failure of the earlier attempt for that of this one.
      if (state.state === 'retrying') show({ state: 'connecting', hop: firstHop, after: state.error });
    },
    release() {
      epoch?.abort.abort();
      epoch = null;
      link?.connection.close();
      link = null;
      secrets.forget();
      privilege.forget();
      if (state.state !== 'idle') show({ state: 'idle' });
    },
    ready: (timeoutMs) => waitUntilReady({ hop, timeoutMs, onChange: changes.on, state: () => state }),
  };
}

function requestOf(options: SessionOptions) {
  const { target, jumps, verifyHostKey, pinnedTypes, legacyAlgorithms = false } = options;
  return {
    target,
    jumps,
    verifyHostKey,
    ...(pinnedTypes === undefined ? {} : { pinnedTypes }),
    legacyAlgorithms,
  };
}

/** Why the link can't come up without the user in this state. Null if it may still come up. */
function reasonNotReady(hop: string, state: LinkState): AppError | null {
  switch (state.state) {
    case 'stopped':
    case 'waiting-host-key':
      return linkError({ name: hop }, state);
    case 'idle':
      return new AppError('LINK_NOT_READY', `${hop} is not set to connect.`, { detail: { hop } });
    default:
      return null;
  }
}

async function waitUntilReady(input: {
  hop: string;
  timeoutMs: number;
  onChange: Session['onChange'];
  state: () => LinkState;
}): Promise<void> {
  const { hop, timeoutMs } = input;
  let last: ErrorData | null = null;
  const ready = Promise.withResolvers<void>();
  const check = (state: LinkState) => {
    if (state.state === 'retrying') last = state.error;
    if (state.state === 'connected') ready.resolve();
    const reason = reasonNotReady(hop, state);
    if (reason !== null) ready.reject(reason);
  };
  const stopListening = input.onChange(check);
  check(input.state());
  const onTimeout = () => {
    const reason = last === null ? '' : ` ${last.message}`;
    const message = `No connection to ${hop} within ${timeoutMs / 1000} s.${reason}`;
    throw new AppError('CONNECT_TIMEOUT', message, { detail: { hop, last } });
  };
  try {
    await race(ready.promise, { timeoutMs, onTimeout });
  } finally {
    stopListening();
  }
}
