import type { ConnectRepository } from '../../src-shared/model/connectYaml/connectYaml.ts';
import type { ServerMessage } from '../core/sessions/registrarProtocol.ts';
import type { HealthRecord } from './health.ts';
import type { ConnectLog } from './log.ts';
import type { AssignedForward } from './portAssignment.ts';
import type { ConnectSettings } from './settings.ts';
import ssh2, { type Client } from 'ssh2';
import { formatRepositoryUri } from '../../src-shared/model/connectYaml/connectYaml.ts';
import { formatRanges, listPorts } from '../../src-shared/model/tenants/ports.ts';
import { createHostKeyCheck } from './hostKeyCheck.ts';
import { assignPorts } from './portAssignment.ts';
import { createRegistrarChannel } from './registrarChannel.ts';
import { createRemoteListeners } from './remoteListeners.ts';
import { carryToRepository } from './upstream.ts';
import { connectVersion } from './version.ts';

/** Tenants log in as this user **[ours]**. */
const userName = 'connect';
const welcomeTimeoutMs = 15_000;

/**
 * How a connection ended.
 *
 *   denied    the appliance does not accept the key: removed, replaced or suspended
 *   host-key  the appliance is not the one it was
 *   renew     the allotment grew; a new log-in gets the new ports
 *   lost      anything else; `welcomed` says whether it had worked
 *   stopped   asked to
 */
type ConnectionEnd = {
  kind: 'denied' | 'host-key' | 'renew' | 'lost' | 'stopped';
  message: string;
  welcomed: boolean;
  /** From the welcome to the end. */
  livedMs: number;
  /** Over how long the appliance wants its tenants to come back; null where it did not say. */
  spreadMs: number | null;
};

export type Connection = {
  closed: Promise<ConnectionEnd>;
  /**
   * Brings the forwards in line with a new list; those that stay are not touched. Resolves once the appliance has
   * answered for the others, or did not in time.
   */
  apply: (repositories: readonly ConnectRepository[]) => Promise<void>;
  stop: () => void;
  /** The assignment so far, for the next connection to keep. */
  assigned: () => readonly AssignedForward[];
};

/** Dials the appliance and holds the tenant's forwards open until the connection ends. Never throws. */
export function openConnection(options: {
  settings: ConnectSettings;
  assigned: readonly AssignedForward[];
  log: ConnectLog;
  health: HealthRecord;
}): Connection {
  const { settings, log, health } = options;
  const { configuration } = settings;
  const address = `${configuration.appliance.host}:${configuration.appliance.port}`;
  const client: Client = new ssh2.Client();
  const checkHostKey = createHostKeyCheck({
    address,
    pinned: configuration.hostKey,
    storePath: settings.hostKeyStore,
    log,
  });
  let repositories: readonly ConnectRepository[] = configuration.repositories;
  let forwards: AssignedForward[] = [...options.assigned];
  let unplaced: readonly ConnectRepository[] = [];
  /** False once the appliance refused to be told: one from before it was part of the protocol. */
  let tellsUnplaced = true;
  let permitted: readonly number[] | null = null;
  let welcomedAt = 0;
  let spreadMs: number | null = null;
  let send: ReturnType<typeof createRegistrarChannel>['send'] | null = null;
  let timer: NodeJS.Timeout | null = null;
  const listeners = createRemoteListeners({ client, log, health });
  let end: Pick<ConnectionEnd, 'kind' | 'message'> | null = null;
  let isOpen = true;

  const finish = (kind: ConnectionEnd['kind'], message: string): void => {
    end ??= { kind, message };
    client.end();
    // A peer that is gone never answers the goodbye.
    setTimeout(() => client.destroy(), 1000).unref();
  };

  const announce = (): void =>
    send?.({
      type: 'announce',
      forwards: forwards.map(({ port, repository }) => ({
        port,
        group: repository.group,
        repository: repository.repository,
        uri: formatRepositoryUri(repository.uri),
      })),
      ...(tellsUnplaced && unplaced.length > 0
        ? {
            unplaced: unplaced.map(({ group, repository, uri }) => ({
              group,
              repository,
              uri: formatRepositoryUri(uri),
            })),
          }
        : {}),
    });
  const arrange = (ports: readonly number[]): void => {
    const { assigned, left } = assignPorts({ repositories, ports, current: forwards });
    if (permitted !== null && assigned.some(({ port }) => permitted?.includes(port) === false)) {
      finish('renew', 'the allotment grew; logging in again');
      return;
    }
    for (const repository of left)
      log(
        'warn',
        `no port is left for ${repository.group}/${repository.repository}; the allotment is ${ports.length}`,
      );
    listeners.closeOthers(assigned);
    forwards = assigned;
    unplaced = left;
    health.arranged({ forwards, unplaced });
    listeners.openMissing(forwards);
    announce();
  };

  let allotted: readonly number[] = [];
  const onMessage = (message: ServerMessage): void => {
    switch (message.type) {
      case 'welcome': {
        if (timer !== null) clearTimeout(timer);
        allotted = listPorts(message.ports);
        permitted = allotted;
        welcomedAt = performance.now();
        if (message.reconnectSpreadSeconds !== undefined) spreadMs = message.reconnectSpreadSeconds * 1000;
        health.connected({ clientId: message.clientId, ports: message.ports });
        log('info', `welcome, ${message.clientId}: ports ${formatRanges(message.ports)}`);
        send?.({ type: 'hello', connectVersion });
        if (message.listenAddress !== undefined) listeners.addAddress(message.listenAddress);
        arrange(allotted);
        timer = setInterval(() => {
          send?.({ type: 'heartbeat' });
          listeners.openMissing(forwards);
        }, message.heartbeatSeconds * 1000);
        return;
      }
      case 'ports':
        allotted = listPorts(message.ports);
        health.allotted(message.ports);
        log('info', `the allotment changed: ports ${formatRanges(message.ports)}`);
        arrange(allotted);
        return;
      case 'refused':
        log('warn', `the appliance refused (${message.code}): ${message.message}`);
        health.failed(`the appliance refused (${message.code}): ${message.message}`);
        if (message.code === 'MALFORMED' && tellsUnplaced && unplaced.length > 0) {
          tellsUnplaced = false;
          announce();
        }
        return;
      case 'accepted':
    }
  };

  const closed = new Promise<ConnectionEnd>((resolve) => {
    client.on('ready', () => {
      client.setNoDelay(true);
      client.exec('registrar', (error, channel) => {
        if (error !== undefined) {
          finish('lost', `no session channel: ${error.message}`);
          return;
        }
        channel.stderr.resume();
        timer = setTimeout(() => finish('lost', 'the appliance does not welcome us'), welcomeTimeoutMs);
        send = createRegistrarChannel({
          channel,
          onMessage,
          onUnknown: (type) => log('info', `the appliance says ${type}, which this Connect does not know`),
          onFault: (reason) => finish('lost', reason),
        }).send;
      });
    });
    client.on('tcp connection', (details, accept, reject) => {
      const forward = forwards.find(({ port }) => port === details.destPort);
      if (forward === undefined) reject();
      else carryToRepository({ forward, accept, reject, isOpen: () => isOpen, log, health });
    });
    client.on('error', (error) => {
      if (error.level === 'client-authentication')
        finish(
          'denied',
          'permission denied: the appliance does not accept this key, or the tenant is suspended',
        );
      else finish('lost', error.message);
    });
    client.on('close', () => {
      isOpen = false;
      if (timer !== null) clearTimeout(timer);
      const { kind, message } = end ?? { kind: 'lost' as const, message: 'the connection was closed' };
      listeners.settleAll();
      const livedMs = permitted === null ? 0 : performance.now() - welcomedAt;
      resolve({ kind, message, welcomed: permitted !== null, livedMs, spreadMs });
    });
  });
  client.connect({
    host: configuration.appliance.host,
    port: configuration.appliance.port,
    username: userName,
    privateKey: settings.privateKey,
    ...(configuration.bindAddress === null ? {} : { localAddress: configuration.bindAddress }),
    readyTimeout: 20_000,
    keepaliveInterval: 15_000,
    keepaliveCountMax: 3,
    hostVerifier: (keyBlob: Buffer) => {
      const trusted = checkHostKey(keyBlob);
      if (!trusted)
        end ??= { kind: 'host-key', message: `the host key of ${address} is not known to be its own` };
      return trusted;
    },
  });
  return {
    closed,
    apply: (changed) => {
      repositories = changed;
      // A repository may have moved on its own port: dialling reads the list anew.
      forwards = forwards.map((forward) => ({
        port: forward.port,
        repository:
          changed.find(
            (one) =>
              one.group === forward.repository.group && one.repository === forward.repository.repository,
          ) ?? forward.repository,
      }));
      if (permitted !== null) arrange(allotted);
      return listeners.untilSettled();
    },
    stop: () => finish('stopped', 'stopped'),
    assigned: () => forwards,
  };
}
