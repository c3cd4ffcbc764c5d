import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { makeKey } from '../bareBox.ts';
import type { BoxSystem } from '../boxSystem.ts';
import type { StockBox } from '../stockBox.ts';
import type { MatrixCell } from './matrixCell.ts';

const run = promisify(execFile);

/** Packets that need more than 1,400 bytes, as on a path whose largest packet is smaller than both ends assume. */
export const largePackets = ['-m', 'length', '--length', '1401:65535', '-j', 'DROP'];

/** Cuts the network between the client and the appliance without a sign to either. */
export async function dropPackets({ appliance, path }: MatrixCell): Promise<void> {
  await appliance.iptables('-A', 'INPUT', '-s', path.site, '-j', 'DROP');
  await appliance.iptables('-A', 'OUTPUT', '-d', path.site, '-j', 'DROP');
}

const listenProgram =
  'use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $ARGV[0], Listen => 1) or die; $| = 1; print "up\\n"; sleep';

/** Starts a program in the box that listens on a port and never accepts. It ends with the box. */
export async function listenAs(
  system: BoxSystem,
  { user, port }: { user: string; port: number },
): Promise<void> {
  const { stdout } = system.start(['perl', '-e', listenProgram, `${port}`], { user });
  if (stdout === null) throw new Error('a box has no pipes');
  await once(stdout, 'data');
}

/** Gives the client a key that the appliance does not know. */
export async function offerUnknownKey({ client }: MatrixCell): Promise<void> {
  const unknown = `${client.keyFile}.unknown`;
  await makeKey(unknown);
  await client.stop();
  await copyFile(unknown, client.keyFile);
  client.start();
}

/** Runs `add` with a public key. `words` are its other arguments. */
async function registerKey(appliance: StockBox, words: readonly string[], publicKey: string): Promise<void> {
  const argv = ['ke_manage_remote_networks', 'add', ...words, '--pub-key', '-'];
  const { exitCode, stderr } = await appliance.ke(argv, { stdin: publicKey });
  if (exitCode !== 0) throw new Error(stderr);
}

async function replacePublicKey({ appliance, client, clientId }: MatrixCell): Promise<void> {
  const next = `${client.keyFile}.next`;
  await makeKey(next);
  await registerKey(appliance, [clientId, '-f'], await readFile(`${next}.pub`, 'utf8'));
}

/** Replaces the tenant's key on the appliance. The client keeps its old key. */
export async function replaceKey(cell: MatrixCell): Promise<void> {
  await replacePublicKey(cell);
  await restartClient(cell);
}

/** After the appliance has ended its session, a service manager starts Connect again, and a person ssh. */
async function restartClient({ client, kind }: MatrixCell): Promise<void> {
  if (kind === 'autossh') return;
  await client.stop();
  client.start();
}

/** Registers the tenant's key for a new tenant, which is watched from now on. The tenant gets another key. */
export async function registerKeyElsewhere(cell: MatrixCell): Promise<void> {
  const { appliance, client, clientId } = cell;
  const { stdout: publicKey } = await run('ssh-keygen', ['-y', '-f', client.keyFile]);
  await replacePublicKey(cell);
  const next = `${clientId}-next`;
  await registerKey(appliance, [next], publicKey);
  cell.watchTenant(next);
  await restartClient(cell);
}
