import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { AppError, type ErrorData } from '../../../src-shared/errors.ts';
import type { SshTarget } from '../../../src-shared/model/appliance/applianceEntry.ts';
import { defaultAgentPath } from './agentIdentities.ts';
import { connectHop, type ConnectedHop } from './connectHop.ts';
import { describeEnd, describeError } from './connectError.ts';
import { plainHost } from '../../../src-shared/model/appliance/address.ts';
import { hopNameOf } from './hopName.ts';
import { createKeyFileLoader } from './keyFile.ts';
import { findRefusal, openPatiently } from './openPatiently.ts';
import { openRemoteFiles } from './remoteFiles.ts';
import { createRemoteForwards } from './remoteForwards.ts';
import { remoteProcess } from './remoteProcess.ts';
import type { ForwardRefusal, HopName, RemoteProcess, SshConnection, SshTransport } from '../types.ts';
import { race } from '../../../src-shared/base/race.ts';
import { secondMs } from '../../../src-shared/base/time.ts';

/**
 * Time limit of each step of one hop: the first packet, the key exchange, each login. Three times as long for all of
 * them. Time in which the user is asked does not count **[ours]**.
 */
const defaultHopTimeoutMs = 15 * secondMs;

function forward(client: Client, host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
      if (error === undefined) resolve(channel);
      else reject(error);
    });
  });
}

/** Maps the code of RFC 4254, 5.1 to the reason why the server opened no channel. */
function refusalOf(error: unknown): ForwardRefusal {
  const reason = error instanceof Error && 'reason' in error ? error.reason : null;
  if (reason === 1) return 'prohibited';
  return reason === 2 ? 'connect-failed' : 'other';
}

/**
 * Opens a channel to `target` through the previous hop. Resolves with null for the first hop, because it
 * opens its own socket.
 */
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
    throw new AppError(
      'CONNECT_FAILED',
      `${hop} can’t be reached from the jump host: ${describeError(error)}.`,
      {
        detail: { hop, reason: describeError(error) },
        cause: error,
      },
    );
  }
}

/** Resolves when any hop has ended, because the connection has ended then. */
async function waitForEnd(
  hops: readonly ConnectedHop[],
  closedHere: () => ErrorData | null,
): Promise<ErrorData> {
  const reason = await Promise.race(hops.map((hop) => hop.closed));
  const here = closedHere();
  if (here !== null) return here;
  if (reason instanceof AppError) return reason.toData();
  return createLostError(reason).toData();
}

function createLostError(cause?: unknown): AppError {
  return new AppError('LINK_LOST', `The link was lost: ${describeEnd(cause)}.`, { cause });
}

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
  const closed = waitForEnd(hops, () => closedHere);
  closed.then(closeAll, closeAll);

  return {
    serverSoftware: last.serverSoftware,
    localPort: hops[0]?.localPort,
    algorithms: { ...last.algorithms, weak: [...new Set(hops.flatMap((hop) => hop.algorithms.weak))] },
    close(reason) {
      closedHere ??= reason ?? new AppError('CANCELLED', 'The console closed the connection.').toData();
      closeAll();
    },
    closed,
    async exec(commandLine, onRefused) {
      try {
        return await openPatiently(() => startCommand(client, commandLine), onRefused);
      } catch (error) {
        if (last.isClosed() || !(error instanceof Error)) throw createLostError(error);
        const what = findRefusal(error) === 'request' ? 'refused to run a command' : 'did not open a channel';
        throw new AppError('COMMAND_FAILED', `The appliance ${what}: ${describeError(error)}.`, {
          cause: error,
        });
      }
    },
    async forwardOut(host, port) {
      try {
        return await forward(client, host, port);
      } catch (error) {
        if (last.isClosed()) throw createLostError(error);
        throw new AppError('CONNECT_FAILED', `${host}:${port} from the appliance: ${describeError(error)}.`, {
          detail: { refusal: refusalOf(error) },
          cause: error,
        });
      }
    },
    forwardIn: createRemoteForwards(last),
    async openFiles(onRefused) {
      try {
        return await openPatiently(() => openRemoteFiles(client), onRefused);
      } catch (error) {
        if (last.isClosed()) throw createLostError(error);
        throw error;
      }
    },
    async ping(timeoutMs) {
      const startedAt = performance.now();
      const answer = new Promise<void>((resolve, reject) => {
        try {
          // A ping: cancels a forward that does not exist. It is the only public request of ssh2 that every
          // server answers and that has no effect. The server answers that it failed.
          client.unforwardIn('127.0.0.1', 0, () => resolve());
        } catch (error) {
          reject(createLostError(error));
        }
      });
      await race(answer, {
        timeoutMs,
        onTimeout: () => {
          throw new AppError('LINK_LOST', `No answer within ${timeoutMs / 1000} s.`);
        },
      });
      if (last.isClosed()) throw createLostError();
      return performance.now() - startedAt;
    },
  };
}

/** Adds the hop to the error. The index is needed because two hops may have the same name. */
function addHopToError(error: unknown, at: { hop: HopName; hopIndex: number }): unknown {
  if (!(error instanceof AppError)) return error;
  return new AppError(error.code, error.message, { detail: { ...at, ...error.detail }, cause: error });
}

/**
 * Creates the SSH driver, based on ssh2. `agentPath` null means no agent. Every rejection is an AppError.
 */
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
            throw addHopToError(error, { hop, hopIndex });
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
