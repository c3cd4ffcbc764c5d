import { AppError } from '../../../src-shared/errors.ts';
import { race } from '../../../src-shared/base/race.ts';
import { createSlots, type ReleaseSlot, type Slots } from '../../../src-shared/base/slots.ts';
import { openLimitedFiles } from '../transport/limitedFiles.ts';
import type { RemoteProcess, RunResult, Session, SshConnection } from '../types.ts';
import { findRefusal } from '../transport/openPatiently.ts';
import { createChannelBudget, type ChannelBudget } from './channelBudget.ts';
import { createYieldingFiles } from './yieldingFiles.ts';
import { createOrphanedCommands, type OrphanedCommands } from './orphanedCommands.ts';
import { withShellExitCode, type Privilege } from './privilege.ts';
import { quoteArgv } from '../../../src-shared/base/quoteArgv.ts';
import { findAccountRefusal } from './accountRefusal.ts';
import { runToEnd } from './runToEnd.ts';
import { createEndedShellError, createStartMark, type StartMark } from './startMark.ts';
import { secondMs } from '../../../src-shared/base/time.ts';

/**
 * Maximum number of forwards. Forwards have their own slots, so that those without an answer can't block the
 * channels **[ours]**.
 */
const maxForwards = 256;
const defaultTimeoutMs = 20 * secondMs;
const defaultMaxBytes = 8 * 1024 * 1024;

/** A connection that is up. `lost` aborts with the reason LINK_LOST when the connection ends. */
export type Link = { hop: string; connection: SshConnection; orphaned: OrphanedCommands; lost: AbortSignal };

export function createLink(connection: SshConnection, hop: string): Link {
  const lost = new AbortController();
  const detail = { hop };
  void connection.closed.then(({ message }) =>
    lost.abort(new AppError('LINK_LOST', `The link to ${hop} was lost: ${message}`, { detail })),
  );
  const orphaned = createOrphanedCommands(() => {
    const reason = new AppError('LINK_LOST', `Commands on ${hop} hang and block all channels.`, { detail });
    connection.close(reason.toData());
  });
  return { hop, connection, lost: lost.signal, orphaned };
}

/** Throws if the command has not begun. Stops the link if the server runs no command for this user. */
function assertStarted({ hop, connection }: Link, name: string, result: RunResult, mark: StartMark): void {
  if (mark.hasStarted()) return;
  const whole = { ...result, stdout: mark.shellOutput() };
  const refusal = findAccountRefusal(hop, whole);
  if (refusal === null) throw createEndedShellError(name, whole);
  connection.close(refusal.toData());
  throw refusal;
}

/**
 * Waits for a free slot and runs `work`. If `work` fails, the slot is released here; otherwise `work` must
 * release it.
 */
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

/** Calls `release` when the process has ended or the link is lost. */
function releaseAtEnd(process: RemoteProcess, link: Link, release: ReleaseSlot): RemoteProcess {
  race(process.exited, { signal: link.lost }).then(release, release);
  return link.orphaned.trackProcess(process, release);
}

/** The error if the server opens no channel although this session has waited for its turn. */
function explainRefusal(link: Link, budget: ChannelBudget, error: unknown): unknown {
  if (findRefusal(error) !== 'channel' || !(error instanceof AppError)) return error;
  const limit = budget.limit();
  const count = limit === 1 ? 'one session' : `${limit} sessions`;
  const why = budget.isLimited()
    ? `its sshd allows ${count} per connection (MaxSessions)`
    : 'its sshd may allow no session (MaxSessions)';
  return new AppError(error.code, `${error.message} On ${link.hop}, ${why}.`, {
    detail: error.detail,
    cause: error,
  });
}

/** Opens channels of a link, each in a slot of the budget. */
function createOpener(budget: ChannelBudget) {
  /**
   * Opens a channel. If the server refuses it because of its limit, waits for a free slot and asks again. `open`
   * must release the slot when the channel has closed.
   */
  async function openInSlot<Channel>(
    link: Link,
    kind: 'command' | 'stream',
    open: (onRefused: () => boolean) => Promise<Channel>,
  ): Promise<{ channel: Channel; release: ReleaseSlot }> {
    const startedAt = performance.now();
    for (;;) {
      const release = await budget.acquire(link.lost, kind);
      try {
        return { channel: await budget.open(open), release };
      } catch (error) {
        release();
        const isOver = performance.now() - startedAt >= defaultTimeoutMs;
        if (isOver || findRefusal(error) !== 'channel' || !budget.isLimited())
          throw explainRefusal(link, budget, error);
      }
    }
  }

  return {
    openInSlot,
    /** The connection of a link, whose commands wait for a slot and keep it until they have ended. */
    withSlots: (link: Link, kind: 'command' | 'stream'): SshConnection => ({
      ...link.connection,
      exec: async (line) => {
        const { channel, release } = await openInSlot(link, kind, (onRefused) =>
          link.connection.exec(line, onRefused),
        );
        return releaseAtEnd(channel, link, release);
      },
    }),
  };
}

/** The connection whose commands print a mark where their output begins, which is removed again. */
function withMark(connection: SshConnection, mark: StartMark): SshConnection {
  return { ...connection, exec: async (line) => mark.removeMark(await connection.exec(mark.markLine(line))) };
}

/** Runs commands, streams, forwards and file transfers on the current link of a session. */
export function createChannels(options: {
  /** The current link. Throws LINK_NOT_READY without a link. */
  link: () => Link;
  privilege: Privilege;
  /** Called after an answer of the appliance. */
  onAnswer: () => void;
  /** Called with what start-up files of the login shell print in front of a command's output. */
  onStartupText: (text: string) => void;
  /** Called with the number of sessions that the server allows, once a refusal has shown it. */
  onLimit: (limit: number) => void;
}): Pick<Session, 'run' | 'stream' | 'forwardOut' | 'forwardIn' | 'files'> & { reset: () => void } {
  const { privilege } = options;
  const budget = createChannelBudget(options);
  const { openInSlot, withSlots } = createOpener(budget);
  const forwards = createSlots(maxForwards);
  const uploads = createSlots(1);

  async function preparePrivilege(link: Link, limits = defaultLimits): Promise<void> {
    const { lost } = link;
    const connection = withSlots(link, 'command');
    let mark = createStartMark(options.onStartupText);
    const exec: SshConnection['exec'] = (line) => {
      mark = createStartMark(options.onStartupText);
      return withMark(connection, mark).exec(line);
    };
    await privilege.prepare({ ...connection, exec }, async (process) => {
      const result = await runToEnd({ ...limits, name: 'sudo', lost, process });
      assertStarted(link, 'sudo', result, mark);
      return result;
    });
  }

  function start(
    link: Link,
    kind: 'command' | 'stream',
    command: { argv: readonly string[]; privileged: boolean; stdin: string | Buffer | null },
    mark: StartMark,
  ): Promise<RemoteProcess> {
    const { argv, stdin } = command;
    const connection = withMark(withSlots(link, kind), mark);
    const starting = command.privileged
      ? privilege.start({ connection, argv, stdin })
      : connection.exec(quoteArgv(argv));
    return race(starting, { signal: link.lost });
  }

  async function run(command: Parameters<Session['run']>[0]): Promise<RunResult> {
    const link = options.link();
    const { connection, lost } = link;
    const { argv, privileged, stdin = '' } = command;
    const limits = {
      timeoutMs: command.timeoutMs ?? defaultTimeoutMs,
      maxBytes: command.maxBytes ?? defaultMaxBytes,
    };
    if (privileged) await preparePrivilege(link, limits);
    const mark = createStartMark(options.onStartupText);
    const process = await start(link, 'command', { argv, privileged, stdin }, mark);
    if (!privileged) process.stdin.end(stdin);
    const name = argv[0] ?? '';
    const result = await runToEnd({ ...limits, name, lost, process });
    // Without an exit status, the command was killed or the link was lost. Only a ping can tell which.
    if (result.exitCode === null) await race(connection.ping(limits.timeoutMs), { signal: lost });
    options.onAnswer();
    assertStarted(link, name, result, mark);
    if (privileged) privilege.assertNotRefused(result);
    if (!privileged) return result;
    return withShellExitCode(result);
  }

  return {
    reset: budget.reset,
    run,
    async stream({ argv, privileged }) {
      const link = options.link();
      if (privileged) await preparePrivilege(link);
      return withSlot(budget.streams, link.lost, async (releaseStream) => {
        const mark = createStartMark(options.onStartupText);
        const process = await start(link, 'stream', { argv, privileged, stdin: null }, mark);
        const stopYielding = budget.addYielding(process.kill);
        const release = () => {
          stopYielding();
          releaseStream();
        };
        race(process.exited, { signal: link.lost }).then(release, release);
        return process;
      });
    },
    async forwardOut(host, port) {
      const { connection, lost } = options.link();
      return withSlot(forwards, lost, async (release) => {
        const channel = await race(connection.forwardOut(host, port), { signal: lost });
        // The channel also emits `close` if its connection is lost.
        channel.once('close', release);
        return channel;
      });
    },
    async forwardIn(take) {
      const { connection, lost } = options.link();
      return race(connection.forwardIn(take), { signal: lost });
    },
    async files(work) {
      const link = options.link();
      const { connection, lost, orphaned } = link;
      return withSlot(uploads, lost, async (releaseUpload) => {
        const files = createYieldingFiles({
          budget,
          open: async () => {
            const { channel, release } = await openInSlot(link, 'command', (onRefused) =>
              openLimitedFiles({ connection, lost, timeoutMs: defaultTimeoutMs, onRefused }),
            );
            return { files: channel, release };
          },
          // Waits until the appliance has closed the channel, for some time.
          onClose: (closed, release) => orphaned.expectEnd(race(closed, { signal: lost }), release),
        });
        try {
          return await work(files);
        } finally {
          files.end(releaseUpload);
        }
      });
    },
  };
}

const defaultLimits = { timeoutMs: defaultTimeoutMs, maxBytes: defaultMaxBytes };
