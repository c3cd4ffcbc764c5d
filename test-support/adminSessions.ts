import { readdir, readFile } from 'node:fs/promises';
import type { DebianAppliance } from './debianSshd.ts';
import { descendantsOf } from './processTree.ts';

async function commandLine(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

/** The sshd processes of the log-in user's own connections; tenants log in as another user. */
export async function adminSessions(appliance: DebianAppliance): Promise<number[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/u.test(name)).map(Number);
  const found = await Promise.all(
    processes.map(async (pid) => ({ pid, line: (await commandLine(pid)).replaceAll('\0', ' ') })),
  );
  const listener = found.find(({ line }) => line.includes(appliance.sshdConfigFile) && line.includes('sshd'));
  if (listener === undefined) return [];
  const children = await descendantsOf(listener.pid);
  const lines = await Promise.all(children.map(async (pid) => ({ pid, line: await commandLine(pid) })));
  return lines.filter(({ line }) => line.startsWith(`sshd: ${appliance.adminUser}`)).map(({ pid }) => pid);
}

/** Signals them all; SIGKILL cuts the links as a power failure would, SIGSTOP holds what goes through them. */
export async function signalAdminSessions(appliance: DebianAppliance, signal: NodeJS.Signals): Promise<void> {
  for (const pid of await adminSessions(appliance)) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended meanwhile.
    }
  }
}
