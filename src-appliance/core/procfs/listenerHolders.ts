import { readFile } from 'node:fs/promises';
import { shorten, visibleLine } from '../../../src-shared/base/machineText.ts';
import type { ListenerHolder } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import { readUser, sshdNames, type ProcessStat, type TcpSocket } from './procfs.ts';

/** The kernel keeps 15 bytes of a process's name. Hidden characters take more space when they are shown. */
const maxNameLength = 64;

/** Names of the system's users by their ID. Users of a directory service are not listed. */
async function readUserNames(): Promise<ReadonlyMap<number, string>> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const fields = text.split('\n').map((line) => line.split(':'));
  // If several names have one ID, the first is the one that other programs show.
  return new Map(fields.toReversed().map(([name = '', , id]) => [Number(id), name]));
}

/**
 * Describes the processes that hold listeners without being a tenant's session. Any local user chooses the name
 * of its process, so it is made visible and short. If /proc hides the process, only the socket's user is known.
 */
export async function describeHolders(
  held: readonly { socket: TcpSocket; process: ProcessStat | null }[],
  options: { connectUserId: number | null; procFolder?: string | undefined },
): Promise<Map<string, ListenerHolder>> {
  const holders = new Map<string, ListenerHolder>();
  if (held.length === 0) return holders;
  const userNames = await readUserNames();
  for (const { socket, process } of held) {
    const processUser = process === null ? null : await readUser(process.pid, options.procFolder);
    const userId = processUser ?? socket.userId;
    holders.set(socket.inode, {
      name: process === null ? null : shorten(visibleLine(process.name), maxNameLength),
      user: shorten(visibleLine(userNames.get(userId) ?? `uid ${userId}`), maxNameLength),
      clientId: null,
      isReleasable: process !== null && sshdNames.has(process.name) && processUser === options.connectUserId,
    });
  }
  return holders;
}
