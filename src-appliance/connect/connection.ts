import type { ConnectRepository } from '../../src-shared/model/connectYaml/connectYaml.ts';
import type { HealthRecord } from './health.ts';
import type { ConnectLog } from './log.ts';
import type { RememberedPort } from '../core/sessions/registrarProtocol.ts';
import type { ConnectSettings } from './settings.ts';
import ssh2, { type Client } from 'ssh2';
import { createHostKeyCheck } from './hostKeyCheck.ts';
import { createDialReports } from './dialReports.ts';
import { createForwards } from './forwards.ts';
import type { ConnectionEnd, FinishConnection } from './connectionEnd.ts';
import { openConversation } from './conversation.ts';
import { createRemoteListeners } from './remoteListeners.ts';
import { createUpstreams } from './upstream.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** All tenants log in as this user **[ours]**. */
const userName = 'connect';
const closeTimeoutMs = 1000;
const deniedMessage = 'permission denied: the appliance does not accept this key, or the tenant is suspended';
const neverWelcomed = { welcomed: false, livedMs: 0, spreadMs: null };

export type Connection = {
  closed: Promise<ConnectionEnd>;
  /**
   * Replaces the list of repositories. Forwards that are in both lists keep running. Resolves when the
   * appliance has replied to all requests for the others, or after a timeout.
   */
  apply: (repositories: readonly ConnectRepository[]) => Promise<void>;
  stop: () => void;
  /** The ports that the repositories have or had, so that the next connection can keep them. */
  remembered: () => readonly RememberedPort[];
};

/** Connects to the appliance and keeps the tenant's forwards open until the connection ends. Never throws. */
export function openConnection(options: {
  settings: ConnectSettings;
  remembered: readonly RememberedPort[];
  log: ConnectLog;
  health: HealthRecord;
}): Connection {
  const { settings, log, health } = options;
  const client: Client = new ssh2.Client();
  const listeners = createRemoteListeners({ client, log, health });
  let end: Pick<ConnectionEnd, 'kind' | 'message'> | null = null;
  let isOpen = true;
  const finish: FinishConnection = (kind, message) => {
    end ??= { kind, message };
    client.end();
    // Close the connection without a reply, because an unreachable peer never confirms the end.
    setTimeout(() => client.destroy(), closeTimeoutMs).unref();
  };
  const reports = createDialReports({
    send: (message) => conversation?.send(message),
    isBlocked: () => conversation?.isBlocked() ?? true,
  });
  const upstreams = createUpstreams({
    isOpen: () => isOpen,
    log,
    health,
    onFailed: (forward, error) => {
      // After a reload, the port may lead to another repository.
      if (forwards.list().includes(forward)) reports.report(forward.port, error);
    },
  });
  let conversation: ReturnType<typeof openConversation> | null = null;
  const forwards = createForwards({
    repositories: settings.configuration.repositories,
    remembered: options.remembered,
    log,
    health,
    listeners,
    upstreams,
    send: (message) => conversation?.send(message),
    onGrown: () => finish('renew', 'the tenant got more ports; logging in again'),
  });
  const onReady = (): void => {
    client.setNoDelay(true);
    client.exec('registrar', (error, channel) => {
      if (error !== undefined)
        return finish('lost', `the session channel could not be opened: ${error.message}`);
      channel.stderr.resume();
      conversation = openConversation({ channel, forwards, listeners, reports, log, health, finish });
    });
  };

  const closed = new Promise<ConnectionEnd>((resolve) => {
    client.on('ready', onReady);
    client.on('tcp connection', (details, accept, reject) => {
      const forward = forwards.list().find(({ port }) => port === details.destPort);
      if (forward === undefined) reject();
      else upstreams.open({ forward, accept, reject });
    });
    client.on('error', (error) =>
      error.level === 'client-authentication'
        ? finish('denied', deniedMessage)
        : finish('lost', error.message),
    );
    client.on('close', () => {
      isOpen = false;
      reports.close();
      listeners.resolveWaiting();
      const { kind, message } = end ?? { kind: 'lost' as const, message: 'the connection was closed' };
      resolve({ kind, message, ...(conversation?.close() ?? neverWelcomed) });
    });
  });
  connect(client, settings, log, (message) => {
    end ??= { kind: 'host-key', message };
  });
  return {
    closed,
    apply: (changed) => {
      forwards.replace(changed);
      return listeners.waitUntilSettled();
    },
    stop: () => finish('stopped', 'stopped'),
    remembered: forwards.remembered,
  };
}

/**
 * Starts the connection. If the host key is wrong, calls `onWrongHostKey` and then closes the connection.
 */
function connect(
  client: Client,
  settings: ConnectSettings,
  log: ConnectLog,
  onWrongHostKey: (message: string) => void,
): void {
  const { appliance, hostKey, bindAddress } = settings.configuration;
  const address = `${appliance.host}:${appliance.port}`;
  const checkHostKey = createHostKeyCheck({
    address,
    pinned: hostKey,
    storePath: settings.hostKeyStore,
    log,
  });
  client.connect({
    host: appliance.host,
    port: appliance.port,
    username: userName,
    privateKey: settings.privateKey,
    ...(bindAddress === null ? {} : { localAddress: bindAddress }),
    readyTimeout: 20 * secondMs,
    keepaliveInterval: 15 * secondMs,
    keepaliveCountMax: 3,
    hostVerifier: (keyBlob: Buffer) => {
      const trusted = checkHostKey(keyBlob);
      if (!trusted) onWrongHostKey(`the host key of ${address} is not verified`);
      return trusted;
    },
  });
}
