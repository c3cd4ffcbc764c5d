import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { StockBox } from './stockBox.ts';

/** A tenant's stock OpenSSH client, as used by customers without Connect. */
export type TenantClient = {
  process: ChildProcess;
  /** The messages of the client so far, including refusals of the server. */
  stderr: () => string;
  /** Resolves with the exit code when the client has ended. */
  ended: Promise<number | null>;
  stop: () => Promise<void>;
};

export async function writeKey(
  appliance: Pick<StockBox, 'host' | 'port' | 'folder'>,
  privateKey: string,
): Promise<string> {
  const path = join(appliance.folder, `tenant-${randomUUID().slice(0, 8)}`);
  await writeFile(path, privateKey, { mode: 0o600 });
  return path;
}

/**
 * Options of a stock client that offers a single key, never asks a question, and ends if a forward is
 * refused.
 */
export function sshSettings(...more: string[]): string[] {
  return [
    'UserKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=no',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'BatchMode=yes',
    'ExitOnForwardFailure=yes',
    ...more,
  ].flatMap((setting) => ['-o', setting]);
}

/**
 * The reasons that the appliance may report for a killed client. The second one occurs if the client had not
 * read all data.
 */
export const killedReasons: readonly (string | undefined)[] = [
  'the client closed the connection without a message',
  'the connection was reset',
];

/**
 * Starts `ssh` as a tenant. `options` are the forwards and `-N`. By default, the client ends if a forward is
 * refused.
 */
export function startTenantClient(
  appliance: Pick<StockBox, 'host' | 'port'>,
  call: { keyFile: string; options: readonly string[]; endsIfRefused?: boolean },
): TenantClient {
  // ssh takes the first value of a setting.
  const stays = call.endsIfRefused === false ? ['-o', 'ExitOnForwardFailure=no'] : [];
  const settings = [...stays, ...sshSettings('LogLevel=VERBOSE')];
  const target = ['-p', `${appliance.port}`, `connect@${appliance.host}`];
  const client = spawn('ssh', ['-F', 'none', '-i', call.keyFile, ...settings, ...call.options, ...target], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  client.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(client, 'close').then(() => client.exitCode);
  return {
    process: client,
    stderr: () => said,
    ended,
    stop: async () => {
      client.kill('SIGKILL');
      await ended;
    },
  };
}

/** Starts a small service of the tenant. It answers with the received text in upper case. */
export async function startShoutingService(): Promise<{ port: number; stop: () => Promise<void> }> {
  const server = createServer((socket) => {
    socket.on('data', (chunk) => socket.write(chunk.toString('utf8').toUpperCase()));
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  return {
    port,
    stop: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
