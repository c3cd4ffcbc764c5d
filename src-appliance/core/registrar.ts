import type { Readable, Writable } from 'node:stream';
import { watch } from 'node:fs';
import { basename } from 'node:path';
import { hasPort } from '../../src-shared/model/ports.ts';
import { findTenantById, tenantsPath } from './authorization.ts';
import type { ApplianceConfig } from './config.ts';
import { createLineCutter } from './messageLines.ts';
import {
  clientMessageSchema,
  encodeMessage,
  heartbeatSeconds,
  longestLine,
  registrarProtocolVersion,
  type AnnouncedForward,
  type ClientMessage,
  type ServerMessage,
} from './registrarProtocol.ts';
import { saveAnnouncement, saveEnding } from './sessionRecords.ts';

/** What the registrar knows of its client. Both are null for plain OpenSSH, which says nothing. */
export type RegistrarState = { connectVersion: string | null; lastHeartbeatAt: string | null };

/**
 * Speaks with one tenant over its session channel until that ends, and resolves then. The end of input ends it only
 * once a Connect said hello: plain `ssh -R` may come without input and must keep its forwards. `signal` is the
 * connection's end. The caller has proven who `clientId` is.
 */
export async function serveRegistrar(session: {
  config: Pick<ApplianceConfig, 'stateFolder' | 'runFolder' | 'applianceVersion'>;
  clientId: string;
  peerAddress: string | null;
  input: Readable;
  output: Writable;
  onState: (state: RegistrarState) => Promise<void>;
  signal: AbortSignal;
  now: () => number;
}): Promise<void> {
  const { config, clientId, input, output } = session;
  const { stateFolder, runFolder } = config;
  const instant = () => new Date(session.now()).toISOString();
  const send = (message: ServerMessage) => output.write(encodeMessage(message));
  const refuse = (code: Extract<ServerMessage, { type: 'refused' }>['code'], message: string) =>
    send({ type: 'refused', code, message });

  let state: RegistrarState = { connectVersion: null, lastHeartbeatAt: null };
  const tenant = findTenantById({ stateFolder, clientId });
  if (tenant === null || tenant.suspended) {
    refuse('NOT_AUTHORIZED', `${clientId} has no access`);
    return;
  }
  let ports = tenant.ports;

  const announce = async (forwards: AnnouncedForward[]) => {
    const foreign = forwards.find((forward) => !hasPort(ports, forward.port));
    if (foreign !== undefined)
      return refuse('PORT_NOT_ALLOTTED', `port ${foreign.port} is not allotted to ${clientId}`);
    if (new Set(forwards.map((forward) => forward.port)).size < forwards.length)
      return refuse('PORT_TWICE', 'a port is announced twice');
    const announcement = { announcedAt: instant(), forwards };
    await saveAnnouncement({ runFolder, clientId, announcement });
    return send({ type: 'accepted' });
  };

  const handle = async (message: ClientMessage) => {
    if (message.type !== 'hello' && state.connectVersion === null)
      return refuse('HELLO_FIRST', 'say hello before anything else');
    const connectVersion = message.type === 'hello' ? message.connectVersion : state.connectVersion;
    state = { connectVersion, lastHeartbeatAt: instant() };
    await session.onState(state);
    return message.type === 'announce' ? announce(message.forwards) : undefined;
  };

  const takeIn = async (line: string | null) => {
    if (line === null) return refuse('LINE_TOO_LONG', `a line is longer than ${longestLine} bytes`);
    const parsed = clientMessageSchema.safeParse(parseJson(line));
    return parsed.success ? handle(parsed.data) : refuse('MALFORMED', 'not a message of this protocol');
  };

  // The state is replaced by rename, so the folder is watched, not the file.
  const watcher = watch(stateFolder, (_event, name) => {
    if (name !== basename(tenantsPath(stateFolder))) return;
    const current = findTenantById({ stateFolder, clientId });
    if (current === null || JSON.stringify(current.ports) === JSON.stringify(ports)) return;
    ports = current.ports;
    send({ type: 'ports', ports });
  });

  send({
    type: 'welcome',
    protocol: registrarProtocolVersion,
    clientId,
    ports,
    heartbeatSeconds,
    applianceVersion: config.applianceVersion,
  });
  await new Promise<void>((resolve) => {
    const cut = createLineCutter(longestLine);
    let working: Promise<unknown> = Promise.resolve();
    const end = () => void working.then(() => resolve());
    input.on('data', (chunk: Buffer) => {
      for (const line of cut(chunk))
        working = working.then(() => takeIn(line)).catch(() => refuse('MALFORMED', 'not taken in'));
    });
    const endOfInput = () => void working.then(() => (state.connectVersion === null ? undefined : resolve()));
    input.once('end', endOfInput);
    input.once('error', end);
    output.once('error', end);
    output.once('close', end);
    if (session.signal.aborted) end();
    else session.signal.addEventListener('abort', end, { once: true });
  });
  watcher.close();
  const ending = { endedAt: instant(), peerAddress: session.peerAddress, reason: 'the connection ended' };
  if (findTenantById({ stateFolder, clientId }) !== null) await saveEnding({ runFolder, clientId, ending });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
