import type { Duplex } from 'node:stream';
import { formatRanges, listPorts, portCount } from '../../src-shared/model/tenants/ports.ts';
import type { RememberedPort, ServerMessage } from '../core/sessions/registrarProtocol.ts';
import type { FinishConnection } from './connectionEnd.ts';
import type { createDialReports } from './dialReports.ts';
import type { createForwards } from './forwards.ts';
import type { HealthRecord } from './health.ts';
import type { ConnectLog } from './log.ts';
import { createRegistrarChannel } from './registrarChannel.ts';
import type { createRemoteListeners } from './remoteListeners.ts';
import { connectVersion } from './version.ts';
import { secondMs } from '../../src-shared/base/time.ts';

const welcomeTimeoutMs = 15 * secondMs;

/** Runs the registrar protocol with the appliance: welcome, heartbeats, changes of the allotment. */
export function openConversation(options: {
  channel: Duplex;
  forwards: ReturnType<typeof createForwards>;
  listeners: ReturnType<typeof createRemoteListeners>;
  reports: ReturnType<typeof createDialReports>;
  log: ConnectLog;
  health: HealthRecord;
  finish: FinishConnection;
}) {
  const { channel, forwards, listeners, reports, log, health, finish } = options;
  let welcomedAt: number | null = null;
  let spreadMs: number | null = null;
  const recalled: RememberedPort[] = [];
  let timer = setTimeout(() => finish('lost', 'the appliance did not accept the session'), welcomeTimeoutMs);

  function onWelcome(message: Extract<ServerMessage, { type: 'welcome' }>): void {
    clearTimeout(timer);
    welcomedAt = performance.now();
    if (message.reconnectSpreadSeconds !== undefined) spreadMs = message.reconnectSpreadSeconds * 1000;
    health.setConnected({ clientId: message.clientId, ports: message.ports });
    log('info', `welcome, ${message.clientId}: ports ${formatRanges(message.ports)}`);
    registrar.send({ type: 'hello', connectVersion });
    onAccepts(message.accepts);
    if (message.listenAddress !== undefined) listeners.addAddress(message.listenAddress);
    forwards.permit(listPorts(message.ports), [...recalled, ...(message.remembered ?? [])]);
    timer = setInterval(() => {
      registrar.send({ type: 'heartbeat' });
      forwards.openMissing();
    }, message.heartbeatSeconds * 1000);
  }

  /** An older kit names nothing. It may have taken over the session from a later one. */
  function onAccepts(accepts: readonly string[] = []): void {
    reports.accept(accepts.includes('dial-failures'));
  }

  function onPorts({ ports, accepts }: Extract<ServerMessage, { type: 'ports' }>): void {
    onAccepts(accepts);
    health.setPorts(ports);
    log('info', `the tenant’s ports changed: ${formatRanges(ports)}`);
    forwards.allot(listPorts(ports));
  }

  function onRefused({ code, message }: Extract<ServerMessage, { type: 'refused' }>): void {
    log('warn', `the appliance refused (${code}): ${message}`);
    health.recordError(`the appliance refused (${code}): ${message}`);
    if (code !== 'MALFORMED') return;
    // An older kit, whose first message is still on its way, expels a client for messages that it can't read.
    reports.accept(false);
    forwards.announceWithoutUnplaced();
  }

  const registrar = createRegistrarChannel({
    channel,
    onMessage: (message) => {
      switch (message.type) {
        case 'welcome':
          return onWelcome(message);
        case 'remembered':
          if (recalled.length < portCount) recalled.push(...message.ports);
          return;
        case 'ports':
          return onPorts(message);
        case 'refused':
          return onRefused(message);
        case 'accepted':
          return;
      }
    },
    onUnknown: (type) =>
      log('info', `the appliance says ${type}, which this version of Connect does not support`),
    onFault: (reason) => finish('lost', reason),
  });
  return {
    send: registrar.send,
    isBlocked: registrar.isBlocked,
    /** Stops the timers. Returns whether and how long the conversation worked. */
    close() {
      clearTimeout(timer);
      const livedMs = welcomedAt === null ? 0 : performance.now() - welcomedAt;
      return { welcomed: welcomedAt !== null, livedMs, spreadMs };
    },
  };
}
