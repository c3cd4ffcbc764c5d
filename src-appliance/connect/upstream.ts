import type { HealthRecord } from './health.ts';
import type { ConnectLog } from './log.ts';
import type { AssignedForward } from './portAssignment.ts';
import type { Channel } from 'ssh2';
import { connect } from 'node:net';
import { formatRepositoryUri, isLocalName } from '../../src-shared/model/connectYaml/connectYaml.ts';
import { joinChannel } from '../core/joinChannel.ts';
import { maxDialMs } from '../../src-shared/model/tunnels/answerLimits.ts';

/**
 * Connects a channel from the appliance with the repository. Accepts the channel only after connecting to the
 * repository, so that the appliance sees a failure too. Each direction ends separately.
 */
export function forwardToRepository(connection: {
  forward: AssignedForward;
  accept: () => Channel;
  reject: () => void;
  /**
   * Whether the connection to the appliance is still open. It may end while Connect dials the repository.
   */
  isOpen: () => boolean;
  log: ConnectLog;
  health: HealthRecord;
}): void {
  const { forward, accept, reject, isOpen, log, health } = connection;
  const { uri } = forward.repository;
  const socket = connect({
    host: isLocalName(uri.host) ? '127.0.0.1' : uri.host,
    port: uri.port,
    allowHalfOpen: true,
    noDelay: true,
  });
  socket.setTimeout(maxDialMs, () => socket.destroy(new Error('timed out')));
  const onDialFailed = (error: Error): void => {
    log('warn', `${formatRepositoryUri(uri)} does not answer: ${error.message}`);
    health.recordUpstreamError(forward.repository, error.message);
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
}
