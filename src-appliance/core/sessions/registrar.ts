import type { Readable, Writable } from 'node:stream';
import { countPorts, type PortRange } from '../../../src-shared/model/tenants/ports.ts';
import { watchAllotment } from '../tenants/allotmentWatch.ts';
import { countActiveTenants, findTenantById, canListenForMembers } from '../tenants/authorization.ts';
import type { ApplianceConfig } from '../config.ts';
import { runConversation, type RegistrarState } from './registrarConversation.ts';
import {
  encodeMessage,
  heartbeatSeconds,
  reconnectSpreadSeconds,
  registrarProtocolVersion,
  type AnnouncedForward,
  type ServerMessage,
} from './registrarProtocol.ts';
import { unknownEndReason, saveSessionEnd } from './sessionRecords.ts';

type Session = {
  config: Pick<ApplianceConfig, 'stateFolder' | 'runFolder' | 'applianceVersion' | 'listenAddress'>;
  clientId: string;
  /** Fingerprint of its login's key: the session ends when that key expires. */
  fingerprint: string;
  peer: { address: string; port: number } | null;
  input: Readable;
  output: Writable;
  onState: (state: RegistrarState) => Promise<void>;
  /** Called with the forwards of each stored announcement. */
  onAnnounced?: (forwards: readonly AnnouncedForward[]) => void;
  /** Called with the number of bytes of an incomplete line that this session holds in memory. */
  onHeld?: (bytes: number) => void;
  /** Aborted when the connection ends. */
  signal: AbortSignal;
  /** Aborted to expel the client; the reason is a text for the tenant's list. */
  expulsion?: AbortSignal;
  /** What an earlier process knew about a continuing session, which was welcomed then. */
  resumed?: RegistrarState;
  now: () => number;
};

/**
 * Serves one tenant on its session channel and resolves when that ends. The end of input ends it only after a Connect
 * said hello: plain `ssh -R` may send no input and must keep its forwards. The caller has authenticated `clientId`, and
 * closes the connection of an `expelled` client, which was refused too often or whose key expired. Input is read no
 * faster than it is processed and answered, so that a flood only affects its sender.
 */
export async function serveRegistrar(session: Session): Promise<'ended' | 'expelled'> {
  const { config, clientId, output } = session;
  const { stateFolder } = config;
  const over = new AbortController();
  const end = () => over.abort();
  const ended = whenAborted(over.signal);
  output.once('error', end);
  output.once('close', end);
  void whenAborted(session.signal).then(end);
  let expelledFor: string | null = null;
  const expel = (reason: string) => {
    expelledFor ??= reason;
    end();
  };
  const { expulsion } = session;
  if (expulsion !== undefined) void whenAborted(expulsion).then(() => expel(String(expulsion.reason)));

  const send = async (message: ServerMessage): Promise<void> => {
    if (output.write(encodeMessage(message)) || !output.writable) return;
    await Promise.race([new Promise((resolve) => output.once('drain', resolve)), ended]);
  };
  const tenant = findTenantById({ stateFolder, clientId });
  if (tenant === null || tenant.suspended) {
    await send({ type: 'refused', code: 'NOT_AUTHORIZED', message: `${clientId} has no access` });
    return 'ended';
  }
  const allotment = { ports: tenant.ports };
  const stopWatching = watchAllotment({
    stateFolder,
    clientId,
    fingerprint: session.fingerprint,
    ports: tenant.ports,
    now: session.now,
    onPorts: (ports) => {
      allotment.ports = ports;
      void send({ type: 'ports', ports });
    },
    onKeyExpired: () => expel('ended: its replaced key expired'),
  });
  // Send the ports again to a known client: its answer, the announcement, may have been lost.
  if (session.resumed?.connectVersion != null) await send({ type: 'ports', ports: tenant.ports });
  else await send(welcome(session, tenant.ports));
  // Input that breaks off ends the session like a regular end.
  const conversation = runConversation({ session, allotment, send, expel, over: over.signal });
  await Promise.race([conversation.catch(() => undefined), ended]);
  end();
  stopWatching();
  await recordSessionEnd(session, expelledFor ?? unknownEndReason);
  return expelledFor === null ? 'ended' : 'expelled';
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function welcome({ config, clientId }: Session, ports: PortRange[]): ServerMessage {
  return {
    type: 'welcome',
    protocol: registrarProtocolVersion,
    clientId,
    ports,
    heartbeatSeconds,
    applianceVersion: config.applianceVersion,
    ...memberAddress(config.listenAddress, ports),
    reconnectSpreadSeconds: reconnectSpreadSeconds(countActiveTenants(config.stateFolder)),
  };
}

/** Sent only to a tenant that sshd lets listen there. */
function memberAddress(
  listenAddress: string | undefined,
  ports: readonly PortRange[],
): { listenAddress?: string } {
  return listenAddress !== undefined && canListenForMembers(countPorts(ports), listenAddress)
    ? { listenAddress }
    : {};
}

async function recordSessionEnd(session: Session, reason: string): Promise<void> {
  const { config, clientId, peer } = session;
  const { stateFolder, runFolder } = config;
  const endedAt = new Date(session.now()).toISOString();
  const ending = { endedAt, peerAddress: peer?.address ?? null, peerPort: peer?.port ?? null, reason };
  try {
    if (findTenantById({ stateFolder, clientId }) !== null)
      await saveSessionEnd({ runFolder, clientId, ending, endedBy: 'other' });
  } catch {
    // The session must end even if its end can't be recorded.
  }
}
