import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import {
  encodeMessage,
  serverMessageSchema,
  type ClientMessage,
  type ServerMessage,
} from '../src-appliance/core/sessions/registrarProtocol.ts';
import type { StockBox } from './stockBox.ts';
import { sshSettings } from './tenantClient.ts';

/**
 * Connects to the registrar over the stock ssh and speaks its protocol. Resolves after the registrar's
 * welcome.
 */
export async function openRegistrar(
  appliance: Pick<StockBox, 'host' | 'port'>,
  keyFile: string,
  ...options: string[]
) {
  const target = ['-p', `${appliance.port}`, `connect@${appliance.host}`, 'a command that is not run'];
  const client = spawn('ssh', ['-F', 'none', '-i', keyFile, ...sshSettings(), ...options, ...target]);
  client.stdin.on('error', () => undefined);
  const lines = createInterface({ input: client.stdout })[Symbol.asyncIterator]();
  /** Resolves with the next message. Rejects if the session has ended. */
  const receive = async (): Promise<ServerMessage> =>
    serverMessageSchema.parse(JSON.parse((await lines.next()).value ?? 'null'));
  const send = (message: ClientMessage) => client.stdin.write(encodeMessage(message));
  const welcome = await receive().catch((error: unknown) => {
    client.kill('SIGKILL');
    throw error;
  });
  return { client, receive, send, welcome };
}
