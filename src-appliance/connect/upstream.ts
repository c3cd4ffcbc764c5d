import { describeDialError, describeDialTimeout, type DialError } from './dialError.ts';
import type { HealthRecord } from './health.ts';
import type { ConnectLog } from './log.ts';
import { repositoryKey, type AssignedForward } from './portAssignment.ts';
import type { Channel } from 'ssh2';
import { connect, isIP, type Socket } from 'node:net';
import { formatRepositoryUri, isLocalName } from '../../src-shared/model/connectYaml/connectYaml.ts';
import { joinChannel } from '../core/joinChannel.ts';
import { maxDialMs } from '../../src-shared/model/tunnels/answerLimits.ts';

/** Whether connections of both go to the same place for the same repository. */
function isSameUpstream(left: AssignedForward, right: AssignedForward): boolean {
  const { uri } = left.repository;
  const { uri: other } = right.repository;
  return (
    left.port === right.port &&
    repositoryKey(left.repository) === repositoryKey(right.repository) &&
    uri.host === other.host &&
    uri.port === other.port
  );
}

type Dial = { socket: Socket; describeError: (error: Error) => DialError };

/** The connections of one session to the tenant's repositories. */
export function createUpstreams(options: {
  /**
   * Whether the connection to the appliance is still open. It may end while Connect dials a repository.
   */
  isOpen: () => boolean;
  log: ConnectLog;
  health: HealthRecord;
  /** Called if the repository of a forward can't be connected to. */
  onFailed?: (forward: AssignedForward, error: DialError) => void;
}) {
  const { isOpen, log, health } = options;
  const sockets = new Map<Socket, AssignedForward>();

  function dial(forward: AssignedForward): Dial {
    const { uri } = forward.repository;
    const host = isLocalName(uri.host) ? '127.0.0.1' : uri.host;
    const socket = connect({
      host,
      port: uri.port,
      allowHalfOpen: true,
      noDelay: true,
    });
    sockets.set(socket, forward);
    socket.once('close', () => sockets.delete(socket));
    let isNamePending = isIP(host) === 0;
    socket.once('lookup', (error: Error | null) => {
      if (error === null) isNamePending = false;
    });
    let timeout: DialError | null = null;
    socket.setTimeout(maxDialMs, () => {
      timeout = describeDialTimeout({ host, isNamePending, milliseconds: maxDialMs });
      socket.destroy(new Error(timeout.message));
    });
    return { socket, describeError: (error) => timeout ?? describeDialError(error) };
  }

  return {
    /**
     * Connects a channel from the appliance with the repository. Accepts the channel only after connecting to
     * the repository, so that the appliance sees a failure too. Each direction ends separately.
     */
    open: (request: { forward: AssignedForward; accept: () => Channel; reject: () => void }): void => {
      const { forward, accept, reject } = request;
      const { socket, describeError } = dial(forward);
      const onDialFailed = (error: Error): void => {
        if (!sockets.has(socket)) return reject();
        const described = describeError(error);
        log('warn', `${formatRepositoryUri(forward.repository.uri)} does not answer: ${described.message}`);
        health.recordUpstreamError(forward.repository, described.message);
        // Report it first, so that the appliance knows the reason when it sees the connection end.
        options.onFailed?.(forward, described);
        reject();
      };
      socket.once('error', onDialFailed);
      socket.once('connect', () => {
        socket.setTimeout(0);
        socket.off('error', onDialFailed);
        if (!isOpen()) {
          // The connection to the appliance has ended, so no channel would ever close this socket. Close it here.
          socket.on('error', () => undefined).destroy();
          return;
        }
        const channel = accept();
        channel.once('close', health.countConnection(forward.port));
        joinChannel(channel, socket);
      });
    },
    /** Closes the connections of other forwards, and of a repository that has another address now. */
    closeOthers: (forwards: readonly AssignedForward[]): void => {
      const closed = new Map<string, number>();
      for (const [socket, forward] of sockets) {
        if (forwards.some((one) => isSameUpstream(one, forward))) continue;
        const { port, repository } = forward;
        const name = `${port} → ${repository.group}/${repository.repository} ${formatRepositoryUri(repository.uri)}`;
        closed.set(name, (closed.get(name) ?? 0) + 1);
        sockets.delete(socket);
        socket.destroy(new Error('no longer configured'));
      }
      for (const [name, count] of closed)
        log('info', `closed the open connections (${count}) of ${name}, which is no longer configured`);
    },
  };
}
