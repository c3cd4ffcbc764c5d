import type { HealthRecord } from './health.ts';
import type { ConnectLog } from './log.ts';
import type { AssignedForward } from './portAssignment.ts';
import type { Channel } from 'ssh2';
import { connect } from 'node:net';
import { formatRepositoryUri, isLocalName } from '../../src-shared/model/connectYaml/connectYaml.ts';
import { joinChannel } from '../core/joinChannel.ts';
import { secondMs } from '../../src-shared/base/time.ts';

const dialTimeoutMs = 10 * secondMs;

/**
 * Connects one connection from the appliance to the repository. Accepts the channel only once the repository answered,
 * so that a refusal is visible on the appliance too. Both directions end independently.
 */
export function carryToRepository(connection: {
  forward: AssignedForward;
  accept: () => Channel;
  reject: () => void;
  /** Whether the connection to the appliance is still open; it may end while the repository is being dialled. */
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
  socket.setTimeout(dialTimeoutMs, () => socket.destroy(new Error('timed out')));
  const onDialFailed = (error: Error): void => {
    log('warn', `${formatRepositoryUri(uri)} does not answer: ${error.message}`);
    health.upstreamFailed(forward.repository, error.message);
    reject();
  };
  socket.once('error', onDialFailed);
  socket.once('connect', () => {
    socket.setTimeout(0);
    socket.off('error', onDialFailed);
    if (!isOpen()) {
      // Otherwise nothing would ever close the channel of an ended connection, or the socket behind it.
      socket.on('error', () => undefined).destroy();
      return;
    }
    const channel = accept();
    channel.once('close', health.carrying(forward.port));
    joinChannel(channel, socket);
  });
}
