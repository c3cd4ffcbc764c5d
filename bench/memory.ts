import { readFile, readlink } from 'node:fs/promises';
import { readProcesses } from '../src-appliance/core/procfs/procfs.ts';

/**
 * Memory of the tenants' sessions on the appliance: proportional set size (PSS) in bytes, which counts a page that
 * several processes share only once in total. `service` is the appliance's own process, `clients` are the programs that
 * sshd runs for the sessions, `sshd` is sshd's own processes.
 */
export type SessionMemory = Record<'service' | 'clients' | 'sshd', { processes: number; bytes: number }>;

type Kind = keyof SessionMemory;

/** Before the service existed, each session had its own registrar process. `titles` also matches those. */
const titles: Record<Kind, RegExp> = {
  service: /^sallyport\0*$/u,
  clients: /opt\/sallyport\/(?:sallyport-client\0session|ke\.mjs\0registrar)\0/u,
  sshd: /^sshd: connect\b/u,
};

/** Returns the network namespace of a process. Each box has its own. */
function readNetwork(pid: number): Promise<string> {
  return readlink(`/proc/${pid}/ns/net`).catch(() => '');
}

async function readPss(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss: +(\d+) kB$/mu.exec(text)?.[1] ?? 0) * 1024;
}

/** Measures the appliance whose network contains process `pid`. */
export async function measureSessionMemory(pid: number): Promise<SessionMemory> {
  const memory: SessionMemory = {
    service: { processes: 0, bytes: 0 },
    clients: { processes: 0, bytes: 0 },
    sshd: { processes: 0, bytes: 0 },
  };
  const kinds: readonly Kind[] = ['service', 'clients', 'sshd'];
  const network = await readNetwork(pid);
  for (const { pid: other } of await readProcesses()) {
    const title = await readFile(`/proc/${other}/cmdline`, 'utf8').catch(() => '');
    const kind = kinds.find((one) => titles[one].test(title));
    if (kind === undefined || (await readNetwork(other)) !== network) continue;
    memory[kind].processes += 1;
    memory[kind].bytes += await readPss(other);
  }
  return memory;
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

export function describeMemory({ service, clients, sshd }: SessionMemory): string {
  const perSession = clients.processes === 0 ? 0 : clients.bytes / clients.processes / 1e6;
  return (
    `service ${mb(service.bytes)} MB and ${clients.processes} clients ${mb(clients.bytes)} MB PSS, ` +
    `${perSession.toFixed(3)} MB a session beyond sshd's own ${mb(sshd.bytes)} MB`
  );
}
