import { AppError } from '../../../src-shared/errors.ts';
import { race } from '../../../src-shared/base/race.ts';
import { createSlots, type ReleaseSlot, type Slots } from '../../../src-shared/base/slots.ts';
import { openLimitedFiles } from '../transport/limitedFiles.ts';
import type { RemoteProcess, RunResult, Session, SshConnection } from '../types.ts';
import { createOrphanedCommands, type OrphanedCommands } from './orphanedCommands.ts';
import { withShellExitCode, type Privilege } from './privilege.ts';
import { quoteArgv } from '../../../src-shared/base/quoteArgv.ts';
import { findAccountRefusal } from './accountRefusal.ts';
import { runToEnd } from './runToEnd.ts';
import { secondMs } from '../../../src-shared/base/time.ts';

/** Stock sshd allows ten session channels per connection. Two are left free for other uses **[ours]**. */
const maxChannels = 8;
/**
 * At most this many channels are used by commands that run without end, so that a short command always finds
 * a channel **[ours]**.
 */
const maxStreams = 5;
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

/** Throws and stops the link if the server runs no command for this user. */
function assertAccountAllowed({ hop, connection }: Link, result: RunResult): void {
  const refusal = findAccountRefusal(hop, result);
  if (refusal === null) return;
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

/** Runs commands, streams, forwards and file transfers on the current link of a session. */
export function createChannels(options: {
  /** The current link. Throws LINK_NOT_READY without a link. */
  link: () => Link;
  privilege: Privilege;
  /** Called after an answer of the appliance. */
  onAnswer: () => void;
}): Pick<Session, 'run' | 'stream' | 'forwardOut' | 'files'> {
  const { privilege } = options;
  const channels = createSlots(maxChannels);
  const streams = createSlots(maxStreams);
  const forwards = createSlots(maxForwards);
  const uploads = createSlots(1);

  async function preparePrivilege({ connection, lost }: Link, limits = defaultLimits): Promise<void> {
    await privilege.prepare(connection, (process) => runToEnd({ ...limits, name: 'sudo', lost, process }));
  }

  function start(
    { connection, lost }: Link,
    command: { argv: readonly string[]; privileged: boolean; stdin: string | Buffer | null },
  ): Promise<RemoteProcess> {
    const { argv, stdin } = command;
    const starting = command.privileged
      ? privilege.start({ connection, argv, stdin })
      : connection.exec(quoteArgv(argv));
    return race(starting, { signal: lost });
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
    const process = await withSlot(channels, lost, async (release) =>
      releaseAtEnd(await start(link, { argv, privileged, stdin }), link, release),
    );
    if (!privileged) process.stdin.end(stdin);
    const result = await runToEnd({ ...limits, name: argv[0] ?? '', lost, process });
    // Without an exit status, the command was killed or the link was lost. Only a ping can tell which.
    if (result.exitCode === null) await race(connection.ping(limits.timeoutMs), { signal: lost });
    options.onAnswer();
    assertAccountAllowed(link, result);
    if (!privileged) return result;
    privilege.assertNotRefused(result);
    return withShellExitCode(result);
  }

  return {
    run,
    async stream({ argv, privileged }) {
      const link = options.link();
      if (privileged) await preparePrivilege(link);
      return withSlot(streams, link.lost, (releaseStream) =>
        withSlot(channels, link.lost, async (releaseChannel) => {
          const process = await start(link, { argv, privileged, stdin: null });
          return releaseAtEnd(process, link, () => {
            releaseStream();
            releaseChannel();
          });
        }),
      );
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
    async files(work) {
      const { connection, lost, orphaned } = options.link();
      return withSlot(uploads, lost, (releaseUpload) =>
        withSlot(channels, lost, async (releaseChannel) => {
          const files = await openLimitedFiles({ connection, lost, timeoutMs: defaultTimeoutMs });
          try {
            return await work(files);
          } finally {
            files.close();
            orphaned.expectEnd(race(files.closed, { signal: lost }), () => {
              releaseUpload();
              releaseChannel();
            });
          }
        }),
      );
    },
  };
}

const defaultLimits = { timeoutMs: defaultTimeoutMs, maxBytes: defaultMaxBytes };
