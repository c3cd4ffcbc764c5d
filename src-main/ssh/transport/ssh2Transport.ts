import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { AppError, type ErrorData } from '../../../src-shared/errors.ts';
import type { SshTarget } from '../../../src-shared/model/appliance/applianceEntry.ts';
import { defaultAgentPath } from './agentIdentities.ts';
import { connectHop, type ConnectedHop } from './connectHop.ts';
import { describe } from './connectError.ts';
import { plainHost } from '../../../src-shared/model/appliance/address.ts';
import { hopNameOf } from './hopName.ts';
import { createKeyFileLoader } from './keyFile.ts';
import { openRemoteFiles } from './remoteFiles.ts';
import { remoteProcess } from './remoteProcess.ts';
import type { ForwardRefusal, HopName, RemoteProcess, SshConnection, SshTransport } from '../types.ts';
import { race } from '../../../src-shared/base/race.ts';
import { secondMs } from '../../../src-shared/base/time.ts';

/** Time limit of one hop from its first packet to its login, without the time that the user needs **[ours]**. */
const defaultHopTimeoutMs = 15 * secondMs;

function forward(client: Client, host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
      if (error === undefined) resolve(channel);
      else reject(error);
    });
  });
}

/** Why a server refused to open a channel, by the codes of RFC 4254, 5.1. */
function refusalOf(error: unknown): ForwardRefusal {
  const reason = error instanceof Error && 'reason' in error ? error.reason : null;
  if (reason === 1) return 'prohibited';
  return reason === 2 ? 'connect-failed' : 'other';
}

/** A channel to `target` through the previous hop; null for the first hop, which uses its own socket. */
async function openHop(input: {
  before: ConnectedHop | undefined;
  target: SshTarget;
  timeoutMs: number;
  signal: AbortSignal;
}): Promise<Duplex | null> {
  const { before, target, signal } = input;
  if (before === undefined) return null;
  const hop = hopNameOf(target);
  try {
    return await race(forward(before.client, plainHost(target.host), target.port), {
      signal,
      timeoutMs: input.timeoutMs,
      onTimeout: () => {
        const seconds = input.timeoutMs / 1000;
        throw new AppError('CONNECT_TIMEOUT', `${hop} did not answer its jump host within ${seconds} s.`, {
          detail: { hop },
        });
      },
    });
  } catch (error) {
    if (signal.aborted) throw new AppError('CANCELLED', `Connecting to ${hop} was cancelled.`);
    if (error instanceof AppError) throw error;
    throw new AppError('CONNECT_FAILED', `${hop} can't be reached from the jump host: ${describe(error)}.`, {
      detail: { hop, reason: describe(error) },
      cause: error,
    });
  }
}

/** Resolves when any hop ends, because then the whole chain ends. */
async function endOf(hops: readonly ConnectedHop[], closedHere: () => ErrorData | null): Promise<ErrorData> {
  const reason = await Promise.race(hops.map((hop) => hop.closed));
  const here = closedHere();
  if (here !== null) return here;
  if (reason instanceof AppError) return reason.toData();
  return lost(reason).toData();
}

function lost(cause?: unknown): AppError {
  return new AppError('LINK_LOST', `The link was lost: ${describe(cause)}.`, { cause });
}

/** How long and how often a refused channel is requested again **[ours]**. */
const channelPatienceMs = 3 * secondMs;
const channelRetryMs = 100;

function startCommand(client: Client, commandLine: string): Promise<RemoteProcess> {
  return new Promise((resolve, reject) => {
    client.exec(commandLine, (error, channel) => {
      if (error === undefined) resolve(remoteProcess(channel));
      else reject(error);
    });
  });
}

function connectionOf(hops: readonly ConnectedHop[], last: ConnectedHop): SshConnection {
  const { client } = last;
  let closedHere: ErrorData | null = null;
  const closeAll = () => {
    for (const hop of hops.toReversed()) hop.close();
  };
  const closed = endOf(hops, () => closedHere);
  closed.then(closeAll, closeAll);

  return {
    serverSoftware: last.serverSoftware,
    algorithms: { ...last.algorithms, weak: [...new Set(hops.flatMap((hop) => hop.algorithms.weak))] },
    close(reason) {
      closedHere ??= reason ?? new AppError('CANCELLED', 'The connection was closed here.').toData();
      closeAll();
    },
    closed,
    async exec(commandLine) {
      const givenUpAt = performance.now() + channelPatienceMs;
      for (;;) {
        try {
          return await startCommand(client, commandLine);
        } catch (error) {
          if (last.isClosed() || !(error instanceof Error)) throw lost(error);
          // sshd frees a channel's place shortly after it was closed. A channel that did not open has run no command,
          // so a retry is safe.
          if ('reason' in error && performance.now() < givenUpAt) {
            await new Promise((resolve) => setTimeout(resolve, channelRetryMs));
            continue;
          }
          throw new AppError('COMMAND_FAILED', `The appliance opened no channel: ${describe(error)}.`, {
            cause: error,
          });
        }
      }
    },
    async forwardOut(host, port) {
      try {
        return await forward(client, host, port);
      } catch (error) {
        if (last.isClosed()) throw lost(error);
        throw new AppError('CONNECT_FAILED', `${host}:${port} from the appliance: ${describe(error)}.`, {
          detail: { refusal: refusalOf(error) },
          cause: error,
        });
      }
    },
    async openFiles() {
      try {
        return await openRemoteFiles(client);
      } catch (error) {
        if (last.isClosed()) throw lost(error);
        throw error;
      }
    },
    async ping(timeoutMs) {
      const startedAt = performance.now();
      const answer = new Promise<void>((resolve, reject) => {
        try {
          // Cancels a forward that was never requested: the only public request of ssh2 that every server answers
          // without an effect or a new channel. The refusal counts as the answer.
          client.unforwardIn('127.0.0.1', 0, () => resolve());
        } catch (error) {
          reject(lost(error));
        }
      });
      await race(answer, {
        timeoutMs,
        onTimeout: () => {
          throw new AppError('LINK_LOST', `No answer within ${timeoutMs / 1000} s.`);
        },
      });
      if (last.isClosed()) throw lost();
      return performance.now() - startedAt;
    },
  };
}

/** The error with its hop; the index distinguishes two hops with the same name. */
function withHop(error: unknown, at: { hop: HopName; hopIndex: number }): unknown {
  if (!(error instanceof AppError)) return error;
  return new AppError(error.code, error.message, { detail: { ...at, ...error.detail }, cause: error });
}

/** The SSH driver based on ssh2. `agentPath` null means no agent. Rejects with AppError only. */
export function createSsh2Transport(
  options: { agentPath?: string | null; hopTimeoutMs?: number } = {},
): SshTransport {
  const agentPath = options.agentPath === undefined ? defaultAgentPath() : options.agentPath;
  const loadKeyFile = createKeyFileLoader();
  const timeoutMs = options.hopTimeoutMs ?? defaultHopTimeoutMs;
  return {
    async connect(request) {
      const hops: ConnectedHop[] = [];
      const closeAll = () => {
        for (const hop of hops.toReversed()) hop.close();
      };
      try {
        for (const [hopIndex, target] of [...request.jumps, request.target].entries()) {
          const hop = hopNameOf(target);
          request.onHop?.(hop);
          try {
            const through = await openHop({ before: hops.at(-1), target, timeoutMs, signal: request.signal });
            hops.push(await connectHop({ target, through, request, agentPath, loadKeyFile, timeoutMs }));
          } catch (error) {
            throw withHop(error, { hop, hopIndex });
          }
        }
      } catch (error) {
        closeAll();
        throw error;
      }
      const last = hops.at(-1);
      if (last === undefined) throw new AppError('INTERNAL', 'A connection needs a target.');
      return connectionOf(hops, last);
    },
  };
}
