import { AppError, type ErrorData } from '../../../src-shared/errors.ts';
import type { SshTarget, Sudo } from '../../../src-shared/model/appliance/applianceEntry.ts';
import type { AuthenticationStep, LinkState } from '../../../src-shared/model/appliance/link.ts';
import { systemClock, type Clock } from '../../../src-shared/base/clock.ts';
import { hopNameOf } from '../transport/hopName.ts';
import { createOrphanedCommands, type OrphanedCommands } from './orphanedCommands.ts';
import { keepLink, type NextState } from './linkKeeper.ts';
import { limitedFiles } from '../transport/limitedFiles.ts';
import { createPrivilege, withShellExitCode } from './privilege.ts';
import { quoteArgv } from './quote.ts';
import { runToEnd } from './runToEnd.ts';
import { createSecretMemory } from './secretMemory.ts';
import { createSlots, type ReleaseSlot, type Slots } from '../../../src-shared/base/slots.ts';
import type {
  AskSecret,
  ConnectRequest,
  RemoteProcess,
  RunResult,
  Session,
  SshConnection,
  SshTransport,
  VerifyHostKey,
} from '../types.ts';
import { createEmitter } from '../../../src-shared/base/emitter.ts';
import { race } from '../../../src-shared/base/race.ts';

/** Stock sshd opens at most ten session channels on a connection; two are left for others **[ours]**. */
const channelLimit = 8;
/** Of those, what commands that go on may take, so that a command always finds a channel **[ours]**. */
const streamLimit = 5;
/** Those that wait for an answer that never comes must not keep others from being asked **[ours]**. */
const forwardLimit = 256;
const defaultTimeoutMs = 20_000;
const defaultMaxBytes = 8 * 1024 * 1024;
const stepLimit = 200;

export type SessionOptions = {
  transport: SshTransport;
  target: SshTarget;
  jumps: readonly SshTarget[];
  /** How privileged commands run. */
  sudo: Sudo;
  verifyHostKey: VerifyHostKey;
  pinnedTypes?: ConnectRequest['pinnedTypes'];
  legacyAlgorithms?: boolean;
  /** Asks a person; answers are remembered until `release`. */
  askSecret: AskSecret;
  /** One for the whole console (`createHandshakes`). */
  handshakes: Slots;
  clock?: Clock;
  /** 0 to 1, for the jitter. */
  random?: () => number;
};

type Link = {
  connection: SshConnection;
  leftovers: OrphanedCommands;
  /** Aborts when the connection ends, with LINK_LOST as its reason. */
  lost: AbortSignal;
};

type Life = { abort: AbortController; retryNow: AbortController };

function linkError(data: ErrorData): AppError {
  return new AppError(data.code, data.message, { detail: data.detail });
}

/** Waits for a slot; it comes back when `work` fails, else `work` has passed `release` on. */
async function withSlot<T>(
  slots: Slots,
  lost: AbortSignal,
  work: (release: ReleaseSlot) => Promise<T>,
): Promise<T> {
  const release = await slots.acquire(lost);
  try {
    return await work(release);
  } catch (error) {
    release();
    throw error;
  }
}

/** Releases once the process is over, however it ends. */
function releasedAtEnd(input: {
  process: RemoteProcess;
  link: Link;
  releases: readonly ReleaseSlot[];
}): RemoteProcess {
  const { process, link, releases } = input;
  const releaseAll = () => {
    for (const release of releases) release();
  };
  race(process.exited, { signal: link.lost }).then(releaseAll, releaseAll);
  return link.leftovers.track(process, releaseAll);
}

/** The one shared session of an appliance; nothing happens until it is wanted. */
export function createSession(options: SessionOptions): Session {
  const clock = options.clock ?? systemClock;
  const hop = hopNameOf(options.target);
  const firstHop = hopNameOf(options.jumps[0] ?? options.target);
  const secrets = createSecretMemory(options.askSecret);
  const privilege = createPrivilege({ sudo: options.sudo, hop, ask: secrets.ask });
  const changes = createEmitter<[state: LinkState]>();
  const channels = createSlots(channelLimit);
  const streams = createSlots(streamLimit);
  const forwards = createSlots(forwardLimit);
  const uploads = createSlots(1);

  const instant = () => new Date(clock.now()).toISOString();
  let state: LinkState = { state: 'idle', since: instant() };
  let steps: AuthenticationStep[] = [];
  let life: Life | null = null;
  let link: Link | null = null;

  function show(next: NextState): void {
    const isSame = next.state === state.state && next.state !== 'retrying' && next.state !== 'connecting';
    state = { ...next, since: isSame ? state.since : instant() };
    changes.emit(state);
  }

  function heard(latencyMs?: number): void {
    if (state.state !== 'connected') return;
    show({ ...state, lastHeardAt: instant(), latencyMs: latencyMs ?? state.latencyMs });
  }

  function start(): void {
    const mine: Life = { abort: new AbortController(), retryNow: new AbortController() };
    life = mine;
    const isMine = () => life === mine;
    const keeping = keepLink(
      {
        transport: options.transport,
        request: {
          target: options.target,
          jumps: options.jumps,
          verifyHostKey: options.verifyHostKey,
          ...(options.pinnedTypes === undefined ? {} : { pinnedTypes: options.pinnedTypes }),
          legacyAlgorithms: options.legacyAlgorithms ?? false,
          onStep: (step) => {
            if (isMine() && steps.length < stepLimit) steps = [...steps, step];
          },
        },
        firstHop,
        secrets,
        handshakes: options.handshakes,
        clock,
        random: options.random ?? Math.random,
        show: (next) => {
          if (isMine()) show(next);
        },
        onAttempt: () => {
          steps = [];
        },
        onConnection: (next) => {
          if (isMine()) link = next === null ? null : linkOver(next);
        },
        onHeard: (latencyMs) => {
          if (isMine()) heard(latencyMs);
        },
      },
      mine.abort.signal,
      () => mine.retryNow.signal,
    );
    keeping.catch(() => {
      const error = new AppError('INTERNAL', 'Keeping the link failed inside Sallyport.').toData();
      if (isMine()) show({ state: 'stopped', error });
    });
  }

  function linkOver(connection: SshConnection): Link {
    const lost = new AbortController();
    void noteEnd();
    async function noteEnd(): Promise<void> {
      const { message } = await connection.closed;
      lost.abort(new AppError('LINK_LOST', `The link to ${hop} went away: ${message}`, { detail: { hop } }));
    }
    const leftovers = createOrphanedCommands(() => {
      const reason = new AppError('LINK_LOST', `Commands on ${hop} hang and hold all channels.`, {
        detail: { hop },
      });
      connection.close(reason.toData());
    });
    return { connection, lost: lost.signal, leftovers };
  }

  function live(): Link {
    if (link !== null) return link;
    throw new AppError('LINK_NOT_READY', `There is no link to ${hop} now (${state.state}).`, {
      detail: { hop, state: state.state },
    });
  }

  async function run(command: Parameters<Session['run']>[0]): Promise<RunResult> {
    const current = live();
    const { connection, lost } = current;
    const { argv, privileged } = command;
    const limits = {
      name: argv[0] ?? '',
      timeoutMs: command.timeoutMs ?? defaultTimeoutMs,
      maxBytes: command.maxBytes ?? defaultMaxBytes,
      lost,
    };
    const stdin = command.stdin ?? '';
    if (privileged)
      await privilege.prepare(connection, (process) => runToEnd({ ...limits, name: 'sudo', process }));
    const process = await withSlot(channels, lost, async (release) => {
      const starting = privileged
        ? privilege.start({ connection, argv, stdin })
        : connection.exec(quoteArgv(argv));
      const started = await race(starting, { signal: lost });
      return releasedAtEnd({ process: started, link: current, releases: [release] });
    });
    if (!privileged) process.stdin.end(stdin);
    const result = await runToEnd({ ...limits, process });
    // Its channel closed without an end that was told: a round trip tells a command that was killed from a lost link.
    if (result.exitCode === null) await race(connection.ping(limits.timeoutMs), { signal: lost });
    heard();
    if (!privileged) return result;
    privilege.assertNotRefused(result);
    return withShellExitCode(result);
  }

  return {
    state: () => state,
    steps: () => steps,
    onChange: changes.on,
    want({ force = false } = {}) {
      if (force) privilege.reconsider();
      const waitsForPerson = state.state === 'stopped' || state.state === 'waiting-host-key';
      if (life === null || (waitsForPerson && force)) {
        start();
        return;
      }
      if (!force) return;
      life.retryNow.abort();
      life.retryNow = new AbortController();
    },
    release() {
      life?.abort.abort();
      life = null;
      link?.connection.close();
      link = null;
      secrets.forget();
      privilege.forget();
      if (state.state !== 'idle') show({ state: 'idle' });
    },
    async ready(timeoutMs) {
      let last: ErrorData | null = null;
      const settled = Promise.withResolvers<void>();
      const check = (now: LinkState) => {
        if (now.state === 'retrying') last = now.error;
        if (now.state === 'connected') settled.resolve();
        else if (now.state === 'stopped') settled.reject(linkError(now.error));
        else if (now.state === 'waiting-host-key')
          settled.reject(
            new AppError('HOST_KEY_UNKNOWN', `The host key of ${now.hop} is not known yet.`, {
              detail: { hop: now.hop, offered: now.offered, pinned: null },
            }),
          );
        else if (now.state === 'idle')
          settled.reject(new AppError('LINK_NOT_READY', `No link to ${hop} is wanted.`, { detail: { hop } }));
      };
      const stopListening = changes.on(check);
      check(state);
      try {
        await race(settled.promise, {
          timeoutMs,
          onTimeout: () => {
            const reason = last === null ? '' : ` ${last.message}`;
            throw new AppError(
              'CONNECT_TIMEOUT',
              `No link to ${hop} within ${timeoutMs / 1000} s.${reason}`,
              {
                detail: { hop, last },
              },
            );
          },
        });
      } finally {
        stopListening();
      }
    },
    run,
    async stream({ argv, privileged }) {
      const current = live();
      const { connection, lost } = current;
      if (privileged)
        await privilege.prepare(connection, (process) =>
          runToEnd({ process, name: 'sudo', timeoutMs: defaultTimeoutMs, maxBytes: defaultMaxBytes, lost }),
        );
      return withSlot(streams, lost, (releaseStream) =>
        withSlot(channels, lost, async (releaseChannel) => {
          const starting = privileged
            ? privilege.start({ connection, argv, stdin: null })
            : connection.exec(quoteArgv(argv));
          const process = await race(starting, { signal: lost });
          return releasedAtEnd({ process, link: current, releases: [releaseStream, releaseChannel] });
        }),
      );
    },
    async forwardOut(host, port) {
      const { connection, lost } = live();
      return withSlot(forwards, lost, async (release) => {
        const channel = await race(connection.forwardOut(host, port), { signal: lost });
        // A channel of a lost connection closes, too.
        channel.once('close', release);
        return channel;
      });
    },
    async files(work) {
      const { connection, lost, leftovers } = live();
      return withSlot(uploads, lost, (releaseUpload) =>
        withSlot(channels, lost, async (releaseChannel) => {
          const files = await limitedFiles({ connection, lost, timeoutMs: defaultTimeoutMs });
          const releaseAll = () => {
            releaseUpload();
            releaseChannel();
          };
          try {
            return await work(files);
          } finally {
            files.close();
            leftovers.expectEnd(race(files.closed, { signal: lost }), releaseAll);
          }
        }),
      );
    },
  };
}
