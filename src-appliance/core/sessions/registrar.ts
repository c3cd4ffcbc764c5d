import type { Readable, Writable } from 'node:stream';
import { countPorts, type PortRange } from '../../../src-shared/model/tenants/ports.ts';
import { watchAllotment } from '../tenants/allotmentWatch.ts';
import { countActiveTenants, findTenantById, canListenOnClusterAddress } from '../tenants/authorization.ts';
import type { ApplianceConfig } from '../config.ts';
import { runConversation, type RegistrarState } from './registrarConversation.ts';
import {
  acceptedMessages,
  encodeMessage,
  heartbeatSeconds,
  reconnectSpreadSeconds,
  registrarProtocolVersion,
  type AnnouncedForward,
  type ServerMessage,
} from './registrarProtocol.ts';
import type { SessionProcess } from './announcements.ts';
import { loadPortMemory } from './portMemory.ts';
import { splitMemory } from './rememberedPorts.ts';
import { loadSessionEnd, saveSessionEnd, unknownEndReason } from './sessionRecords.ts';

type Session = {
  config: Pick<ApplianceConfig, 'stateFolder' | 'runFolder' | 'applianceVersion' | 'listenAddress'>;
  clientId: string;
  /** Fingerprint of the key with which it logged in. The session ends when that key expires. */
  fingerprint: string;
  peer: { address: string; port: number } | null;
  /** The process that stands for this session in the records. */
  process: SessionProcess;
  /** Whether another session of the tenant is still connected. */
  isLive: (session: SessionProcess) => Promise<boolean>;
  input: Readable;
  output: Writable;
  onState: (state: RegistrarState) => Promise<void>;
  /** Called after an announcement was stored, with its forwards. */
  onAnnounced?: (forwards: readonly AnnouncedForward[]) => void;
  /** Called if the ports of an announcement can't be remembered. */
  onForgetful?: () => void;
  /** Called if no key could be created for a new group of repositories. */
  onGroupKeysFailed?: (error: unknown) => void;
  /** Called with the number of bytes of the incomplete line that is held in memory. */
  onHeld?: (bytes: number) => void;
  /** Aborted when the tenant's connection ends. */
  signal: AbortSignal;
  /** Aborted to expel the client. The abort reason is shown in the tenant's list. */
  expulsion?: AbortSignal;
  /** When the tenant's connection was last known to be up, in epoch milliseconds. Its end may be noticed later. */
  lastUpAt: () => number;
  /** What an earlier service process knew about this session. The client then gets no second welcome. */
  resumed?: RegistrarState;
  now: () => number;
};

/**
 * Runs the registrar for one tenant and resolves when the session ends. The end of input ends the session
 * only after Connect's hello, because plain `ssh -R` may send no input and must keep its forwards. The caller
 * has authenticated `clientId`; it must close the connection if the client is `expelled` (refused too often,
 * or key expired). Reads input only as fast as it is processed, so that a flood affects only its sender.
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
      void send(portsMessage(ports));
    },
    onKeyExpired: () => expel('ended: its old key expired'),
  });
  // The client may have sent an announcement that the earlier process didn't store. Send the ports, so that
  // it announces again.
  if (session.resumed?.connectVersion != null) await send(portsMessage(tenant.ports));
  else for (const message of welcomeMessages(session, tenant.ports)) await send(message);
  // An input error ends the session like a regular end.
  const conversation = runConversation({ session, allotment, send, expel, over: over.signal });
  await Promise.race([conversation.catch(() => undefined), ended]);
  end();
  stopWatching();
  await recordSessionEnd(session, { createdAt: tenant.createdAt, expelledFor });
  return expelledFor === null ? 'ended' : 'expelled';
}

/** Each one says what this kit accepts, because an earlier or later kit may have sent the one before. */
const portsMessage = (ports: PortRange[]): ServerMessage => ({
  type: 'ports',
  ports,
  accepts: acceptedMessages,
});

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Large enough for 100 repositories, and small enough that `welcome` stays below `maxLine`. */
const maxMemoryBytes = 16 * 1024;

function welcomeMessages({ config, clientId }: Session, ports: PortRange[]): ServerMessage[] {
  const { stateFolder } = config;
  const memory = splitMemory(loadPortMemory({ stateFolder, clientId }), maxMemoryBytes);
  const remembered = memory.pop() ?? [];
  const welcome: ServerMessage = {
    type: 'welcome',
    protocol: registrarProtocolVersion,
    clientId,
    ports,
    heartbeatSeconds,
    applianceVersion: config.applianceVersion,
    ...memberAddress(config.listenAddress, ports),
    reconnectSpreadSeconds: reconnectSpreadSeconds(countActiveTenants(stateFolder)),
    ...(remembered.length === 0 ? {} : { remembered }),
    accepts: acceptedMessages,
  };
  return [...memory.map((part): ServerMessage => ({ type: 'remembered', ports: part })), welcome];
}

/** The address for cluster members, if sshd permits this tenant to listen on it. */
function memberAddress(
  listenAddress: string | undefined,
  ports: readonly PortRange[],
): { listenAddress?: string } {
  return listenAddress !== undefined && canListenOnClusterAddress(countPorts(ports), listenAddress)
    ? { listenAddress }
    : {};
}

/**
 * An end that was noticed late is not recorded if the tenant was removed and added again, or if another end was recorded
 * after the connection was last up: a command has then probably ended this session too.
 */
async function recordSessionEnd(
  session: Session,
  { createdAt, expelledFor }: { createdAt: string | null; expelledFor: string | null },
): Promise<void> {
  const { clientId, peer } = session;
  const { stateFolder, runFolder } = session.config;
  const endedAt = new Date(session.now()).toISOString();
  const reason = expelledFor ?? unknownEndReason;
  const ending = { endedAt, peerAddress: peer?.address ?? null, peerPort: peer?.port ?? null, reason };
  try {
    const tenant = findTenantById({ stateFolder, clientId });
    if (tenant === null || tenant.createdAt !== createdAt) return;
    const known = await loadSessionEnd({ runFolder, clientId });
    const isKnown =
      known !== null && Date.parse(known.endedAt) >= session.lastUpAt() && known.endedAt <= endedAt;
    if (expelledFor === null && isKnown) return;
    await saveSessionEnd({ runFolder, clientId, ending, endedBy: 'other' });
  } catch {
    // Ignore the error, because the session must end anyway.
  }
}
