import { signalUnlessEnded } from '../src-shared/node/signalUnlessEnded.ts';
import { descendantsOf, readCommandLine } from './processTree.ts';
import type { StockBox } from './stockBox.ts';

/**
 * Returns the PIDs of the sshd processes of the administrator's connections, without their children. A child
 * also looks like sshd at first; if it were stopped or killed then, its command would never run.
 */
export async function adminSessions(
  appliance: Pick<StockBox, 'sshdProcesses' | 'adminUser'>,
): Promise<number[]> {
  const children = await appliance.sshdProcesses();
  const lines = await Promise.all(children.map(async (pid) => ({ pid, line: await readCommandLine(pid) })));
  const own = lines.filter(({ line }) => line.startsWith(`sshd: ${appliance.adminUser}`));
  const connections = own.filter(({ line }) => !line.includes('[priv]')).map(({ pid }) => pid);
  const commands = (await Promise.all(connections.map(descendantsOf))).flat();
  return own.map(({ pid }) => pid).filter((pid) => !commands.includes(pid));
}

/**
 * Sends a signal to the administrator's connections. SIGKILL cuts their links like a power failure; SIGSTOP
 * pauses their traffic.
 */
export async function signalAdminSessions(
  appliance: Pick<StockBox, 'sshdProcesses' | 'adminUser'>,
  signal: NodeJS.Signals,
): Promise<void> {
  for (const pid of await adminSessions(appliance)) signalUnlessEnded(pid, signal);
}
