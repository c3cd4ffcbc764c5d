import type { Readable, Writable } from 'node:stream';
import { countPorts, type PortRange } from '../../../src-shared/model/tenants/ports.ts';
import { watchAllotment } from '../tenants/allotmentWatch.ts';
import { countActiveTenants, findTenantById, mayListenForMembers } from '../tenants/authorization.ts';
import type { ApplianceConfig } from '../config.ts';
import { converse, type RegistrarState } from './registrarConversation.ts';
import {
  encodeMessage,
  heartbeatSeconds,
  reconnectSpreadSeconds,
  registrarProtocolVersion,
  type AnnouncedForward,
  type ServerMessage,
} from './registrarProtocol.ts';
import { plainEnding, saveEnding } from './sessionRecords.ts';

type Session = {
  config: Pick<ApplianceConfig, 'stateFolder' | 'runFolder' | 'applianceVersion' | 'listenAddress'>;
  clientId: string;
  /** Of the key that it logged in with: the session ends with that key's time. */
  fingerprint: string;
  peer: { address: string; port: number } | null;
  input: Readable;
  output: Writable;
  onState: (state: RegistrarState) => Promise<void>;
  /** Called with the forwards of each announcement that was kept. */
  onAnnounced?: (forwards: readonly AnnouncedForward[]) => void;
  /** Called with the bytes of a line that is not complete yet, which this session holds in memory. */
  onHeld?: (bytes: number) => void;
  /** The connection's end. */
  signal: AbortSignal;
  /** Expels the client; its reason is a text for the tenant's list. */
  expulsion?: AbortSignal;
  /** What an earlier process knew of a session that goes on: it was welcomed then. */
  resumed?: RegistrarState;
  now: () => number;
};

/**
 * Speaks with one tenant over its session channel until that ends, and resolves then. The end of input ends it only
 * once a Connect said hello: plain `ssh -R` may come without input and must keep its forwards. The caller has proven who
 * `clientId` is, and ends the connection of a client that is `expelled`: that was refused too often, or whose key's time
 * is over. Input is read no faster than it is handled and answered, so that a flood stays with its sender.
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
    onKeyExpired: () => expel('ended: the time of its replaced key was over'),
  });
  // Send a known client its ports again: its answer, the announcement, may have been lost.
  if (session.resumed?.connectVersion != null) await send({ type: 'ports', ports: tenant.ports });
  else await send(welcome(session, tenant.ports));
  // Input that breaks off ends the session as its end does.
  const conversation = converse({ session, allotment, send, expel, over: over.signal });
  await Promise.race([conversation.catch(() => undefined), ended]);
  end();
  stopWatching();
  await rememberEnding(session, expelledFor ?? plainEnding);
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

/** Told only to a tenant that sshd lets listen there. */
function memberAddress(
  listenAddress: string | undefined,
  ports: readonly PortRange[],
): { listenAddress?: string } {
  return listenAddress !== undefined && mayListenForMembers(countPorts(ports), listenAddress)
    ? { listenAddress }
    : {};
}

async function rememberEnding(session: Session, reason: string): Promise<void> {
  const { config, clientId, peer } = session;
  const { stateFolder, runFolder } = config;
  const endedAt = new Date(session.now()).toISOString();
  const ending = { endedAt, peerAddress: peer?.address ?? null, peerPort: peer?.port ?? null, reason };
  try {
    if (findTenantById({ stateFolder, clientId }) !== null)
      await saveEnding({ runFolder, clientId, ending, endedBy: 'other' });
  } catch {
    // What can't be remembered must end all the same.
  }
}
