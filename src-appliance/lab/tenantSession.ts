import type { ApplianceConfig } from '../core/config.ts';
import type { LiveConnection, LiveConnections } from './liveConnections.ts';
import type { Loopback } from './loopback.ts';
import type { Peer } from './sshServer.ts';
import type { SyslogEntry } from './syslogFile.ts';
import type { Connection, ServerChannel, Session } from 'ssh2';
import { visibleText } from '../../src-shared/base/machineText.ts';
import type { Authorization } from '../core/tenants/authorization.ts';
import { createTenantListeners } from './tenantListeners.ts';
import { serveRegistrar } from '../core/sessions/registrar.ts';

/**
 * Gives a tenant's connection its rights: listen on its present ports on loopback, and talk to the registrar,
 * whatever command it requests. The same as `restrict,port-forwarding,permitlisten=…,command=…`.
 */
export function serveTenant(options: {
  client: Connection;
  number: number;
  authorization: Authorization;
  peer: Peer;
  cut: () => void;
  config: ApplianceConfig;
  loopback: Loopback;
  connections: LiveConnections;
  log: (entry: SyslogEntry) => void;
}): void {
  const { client, authorization, peer, config, loopback, connections, log, number } = options;
  const { clientId } = authorization;
  const ending = new AbortController();
  const closed = new Promise<void>((resolve) => client.once('close', resolve));
  const connection: LiveConnection = {
    number,
    authorization,
    peer,
    since: Date.now(),
    registrar: { connectVersion: null, lastHeartbeatAt: null },
    listeners: new Map(),
    end: async () => {
      client.end();
      // Then close without a reply, because `end` waits for the peer, which may be gone.
      setTimeout(options.cut, 200).unref();
      await closed;
    },
  };
  const note = (message: string, severity: SyslogEntry['severity'] = 'info'): void =>
    log({ program: 'ke_registrar', pid: number, severity, message: visibleText(message) });

  const listeners = createTenantListeners({
    client,
    authorization,
    stateFolder: config.stateFolder,
    loopback,
    listeners: connection.listeners,
  });

  connections.add(connection);
  client.once('close', () => {
    listeners.closeAll();
    connections.remove(connection);
    ending.abort();
    note(`${clientId}: session from ${peer.address} ended`);
  });

  let requests: Promise<void> = Promise.resolve();
  client.on('request', (accept, reject, name, info) => {
    if (!('bindPort' in info)) {
      reject?.();
      return;
    }
    const { bindAddr, bindPort } = info;
    // Handle requests one at a time, because a client may cancel a forward directly after requesting it.
    requests = requests.then(async () => {
      if (name === 'cancel-tcpip-forward') {
        listeners.close(bindPort);
        return accept?.();
      }
      if (await listeners.open(bindAddr, bindPort)) return accept?.();
      note(
        `${clientId}: forward to ${bindAddr}:${bindPort} refused: not allowed, or the port is taken`,
        'warning',
      );
      return reject?.();
    });
  });
  client.on('tcpip', (_accept, reject) => reject());

  const startRegistrar = (accept: () => ServerChannel): void => {
    const channel = accept();
    void serveRegistrar({
      config,
      clientId,
      fingerprint: authorization.fingerprint,
      peer,
      process: { pid: number, startTicks: 0 },
      isLive: async ({ pid }) => connections.all().some((one) => one.number === pid),
      input: channel,
      output: channel,
      onState: async (state) => {
        if (connection.registrar.connectVersion === null)
          note(`${clientId}: Connect ${state.connectVersion ?? ''} registered from ${peer.address}`);
        connection.registrar = state;
      },
      signal: ending.signal,
      // An end is noticed at once.
      lastUpAt: Date.now,
      now: Date.now,
    })
      .then((outcome) => (outcome === 'expelled' ? connection.end() : undefined))
      .catch((error: unknown) =>
        note(`${clientId}: ${error instanceof Error ? error.message : 'failed'}`, 'err'),
      )
      .finally(() => {
        if (!channel.writable) return;
        channel.exit(0);
        channel.end();
      });
  };
  client.on('session', (acceptSession) => {
    const session: Session = acceptSession();
    session.on('exec', startRegistrar);
    session.on('shell', startRegistrar);
  });
}
