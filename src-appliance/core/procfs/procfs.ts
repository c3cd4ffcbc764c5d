import { uptime } from 'node:os';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { mapInBatches } from '../../../src-shared/base/batches.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';

/*
 * Reads the parts of Linux's /proc that sessions and listeners need (proc(5)). For a process that has ended,
 * results are null or empty. `procFolder` replaces /proc in benchmarks only.
 */
const ownProcFolder = '/proc';

/** Since OpenSSH 9.8, the process of a connection has its own name. */
export const sshdNames: ReadonlySet<string> = new Set(['sshd', 'sshd-session']);

export type ProcessStat = {
  pid: number;
  parent: number;
  name: string;
  startTicks: number;
  isStopped: boolean;
};

/** Also null for a zombie, because it has ended and holds no resources. */
export function parseStat(text: string): ProcessStat | null {
  // The name is in parentheses and may contain spaces and parentheses itself. It ends at the last one.
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open === -1 || close === -1) return null;
  const fields = text.slice(close + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  const stat = {
    pid: Number(text.slice(0, open)),
    parent: Number(fields[1]),
    name: text.slice(open + 1, close),
    startTicks: Number(fields[19]),
    isStopped: fields[0] === 'T',
  };
  return Number.isInteger(stat.pid) && Number.isInteger(stat.startTicks) ? stat : null;
}

const endedOrHidden: ReadonlySet<unknown> = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

/** Whether an error about a file of a process means that it has ended or is hidden from this user (hidepid). */
export const isProcessGone = (error: unknown): boolean => endedOrHidden.has(systemErrorCode(error));

/**
 * Reads a file of a process. Null if the process has ended. Throws other errors (e.g. too many open files),
 * because a live session must not be taken for an ended one.
 */
export async function readProcessFile(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isProcessGone(error)) return null;
    throw error;
  }
}

export async function readStat(pid: number, procFolder = ownProcFolder): Promise<ProcessStat | null> {
  const text = await readProcessFile(`${procFolder}/${pid}/stat`);
  return text === null ? null : parseStat(text);
}

export async function readProcesses(procFolder = ownProcFolder): Promise<ProcessStat[]> {
  const names = await readdir(procFolder);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await mapInBatches(pids, (pid) => readStat(pid, procFolder));
  return stats.filter((stat) => stat !== null);
}

/** The children of a process. If the kernel doesn't list children, returns all processes. */
export async function readChildren(pid: number): Promise<ProcessStat[]> {
  const text = await readProcessFile(`/proc/${pid}/task/${pid}/children`);
  if (text === null) return (await readProcesses()).filter((one) => one.parent === pid);
  const pids = text.split(' ').filter(Boolean).map(Number);
  const stats = await mapInBatches(pids, (child) => readStat(child));
  return stats.filter((stat) => stat !== null);
}

/** Unit of start times. Linux reports 100 ticks per second on all supported machines. */
const ticksPerSecond = 100;

/** When a process started, in epoch milliseconds by the present clock. */
export function startedAt({ startTicks }: Pick<ProcessStat, 'startTicks'>, now: number): number {
  return now - Math.max(0, uptime() - startTicks / ticksPerSecond) * 1000;
}

/**
 * Whether this process is still running. Compares the start time too, because another process may have got
 * its ID.
 */
export async function isRunning(process: { pid: number; startTicks: number }): Promise<boolean> {
  return (await readStat(process.pid))?.startTicks === process.startTicks;
}

/**
 * The real user of a process, from its status. The owner of its folder may differ, because sshd's children
 * are not dumpable.
 */
export async function readUser(pid: number, procFolder = ownProcFolder): Promise<number | null> {
  const text = await readProcessFile(`${procFolder}/${pid}/status`);
  const user = /^Uid:\s+(\d+)/m.exec(text ?? '')?.[1];
  return user === undefined ? null : Number(user);
}

export type TcpSocket = {
  localAddress: string;
  localPort: number;
  remoteAddress: string;
  remotePort: number;
  state: 'established' | 'listening' | 'other';
  /** The user that opened the socket. Known even if /proc hides its process. */
  userId: number;
  inode: string;
};

/**
 * Parses an address of the kernel. Each 32-bit word is in the machine's byte order, which is little-endian on
 * all supported machines.
 */
function parseAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) =>
    (word.match(/../g) ?? []).toReversed().map((byte) => parseInt(byte, 16)),
  );
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

const socketStates: Record<string, TcpSocket['state']> = { '01': 'established', '0A': 'listening' };

export function parseTcp(text: string): TcpSocket[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [localHex, localPort] = fields[1]?.split(':') ?? [];
      const [remoteHex, remotePort] = fields[2]?.split(':') ?? [];
      const inode = fields[9];
      if (!localHex || !localPort || !remoteHex || !remotePort || !inode) return [];
      return [
        {
          localAddress: parseAddress(localHex),
          localPort: parseInt(localPort, 16),
          remoteAddress: parseAddress(remoteHex),
          remotePort: parseInt(remotePort, 16),
          state: socketStates[fields[3] ?? ''] ?? 'other',
          userId: Number(fields[7]),
          inode,
        },
      ];
    });
}

export async function readTcpSockets(procFolder = ownProcFolder): Promise<TcpSocket[]> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((table) => readFile(`${procFolder}/net/${table}`, 'utf8').catch(() => '')),
  );
  return tables.flatMap(parseTcp);
}

/** Inodes of the sockets that a process has open. Empty if this user may not read them. */
export async function readSocketInodes(pid: number, procFolder = ownProcFolder): Promise<Set<string>> {
  const folder = `${procFolder}/${pid}/fd`;
  const names = await readdir(folder).catch(() => []);
  const links = await mapInBatches(names, (name) => readlink(`${folder}/${name}`).catch(() => ''));
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}

/** The fields of a user in passwd(5). Null if there is no such user. */
async function readPasswd(name: string): Promise<string[] | null> {
  const text = await readFile('/etc/passwd', 'utf8');
  const users = text.split('\n').map((line) => line.split(':'));
  return users.find(([user]) => user === name) ?? null;
}

export async function readUserId(name: string): Promise<number | null> {
  const id = (await readPasswd(name))?.[2];
  return id === undefined ? null : Number(id);
}

export async function readLoginShell(name: string): Promise<string | null> {
  return (await readPasswd(name))?.[6] ?? null;
}
