import { access, constants, open as openFile, readFile, statfs, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ApplianceStatus } from '../../src-shared/model/appliance/applianceStatus.ts';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';
import type { ApplianceConfig } from './config.ts';

/** With less free space, a record may not fit **[ours]**. */
const minFreeBytes = 64 * 1024;

/** `O_PATH` of Linux, which Node doesn't export: opens a folder without the right to read it. */
const pathOnly = 0o10_000_000;

/** The folder's mount, from the content of /proc/self/fdinfo. Null if the kernel doesn't tell it. */
export function readMountId(fdinfo: string): string | null {
  return /^mnt_id:\s*(\d+)$/mu.exec(fdinfo)?.[1] ?? null;
}

/**
 * Whether this mount is read-only, from the content of /proc/self/mountinfo. Mounts of other namespaces are
 * not listed there and count as writable.
 */
export function isMountReadOnly(mountinfo: string, mountId: string): boolean {
  const fields = mountinfo
    .split('\n')
    .map((line) => line.split(' '))
    .find(([id]) => id === mountId);
  const options = `${fields?.[5] ?? ''},${fields?.at(-1) ?? ''}`.split(',');
  return options.includes('ro');
}

/**
 * The mount of an open folder. Its path doesn't tell the mount, because other mounts may hide it or it may lead
 * into another namespace.
 */
async function isOnReadOnlyMount({ fd }: FileHandle): Promise<boolean> {
  const [fdinfo, mountinfo] = await Promise.all(
    [`/proc/self/fdinfo/${fd}`, '/proc/self/mountinfo'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const mountId = readMountId(fdinfo ?? '');
  return mountId !== null && isMountReadOnly(mountinfo ?? '', mountId);
}

/** Where something is written, and what fails if nothing can be. */
type Folder = {
  folder: string;
  effect: string;
  /** What fails if only root may use the last free blocks (ext4's reserve). Null if nothing does. */
  reserveEffect: string | null;
};

/**
 * What fails in this folder and why. Null if it seems writable, as far as this user can tell without
 * writing: an ordinary user may not write there anyway.
 */
export async function describeObstacle({ folder, effect, reserveEffect }: Folder): Promise<string | null> {
  let open: FileHandle;
  try {
    open = await openFile(folder, pathOnly | constants.O_DIRECTORY);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOTDIR') return `is not a folder, so ${effect}`;
    return code === 'ENOENT' ? `is missing, so ${effect}` : null;
  }
  try {
    // The kernel checks for a read-only or immutable folder before it checks the user's rights.
    const code = await access(folder, constants.W_OK).then(
      () => null,
      (error: unknown) => systemErrorCode(error),
    );
    if (code === 'EROFS' || (await isOnReadOnlyMount(open))) return `is read-only, so ${effect}`;
    if (code === 'EPERM') return `is protected against changes (immutable), so ${effect}`;
  } finally {
    await open.close();
  }
  const stats = await statfs(folder).catch(() => null);
  return stats === null ? null : describeSpace(stats, { effect, reserveEffect });
}

/** `bavail` is what all users may use; root may use `bfree`. */
export function describeSpace(
  stats: { bsize: number; bfree: number; bavail: number; files: number; ffree: number },
  { effect, reserveEffect }: Pick<Folder, 'effect' | 'reserveEffect'>,
): string | null {
  if (stats.bfree * stats.bsize < minFreeBytes) return `has no free space, so ${effect}`;
  if (stats.files > 0 && stats.ffree === 0) return `has no free inodes, so ${effect}`;
  return reserveEffect !== null && stats.bavail * stats.bsize < minFreeBytes
    ? `has free space for root only, so ${reserveEffect}`
    : null;
}

/** Findings for folders in which the kit or the system can't write, before the first change or login fails. */
export async function findStorageProblems(
  config: Pick<ApplianceConfig, 'stateFolder' | 'runFolder' | 'syslog'>,
): Promise<ApplianceStatus['findings']> {
  const folders: (Folder & { name: string })[] = [
    {
      name: 'state folder',
      folder: config.stateFolder,
      effect: 'no tenant can be added or changed',
      reserveEffect: 'the ports of repositories are not remembered',
    },
    {
      name: 'run folder',
      folder: config.runFolder,
      effect: 'tenants cannot log in',
      reserveEffect: 'tenants cannot log in',
    },
    {
      name: 'log',
      folder: dirname(config.syslog),
      effect: 'nothing is logged',
      reserveEffect: 'nothing is logged unless rsyslogd runs as root',
    },
  ];
  const findings: ApplianceStatus['findings'] = [];
  for (const one of folders) {
    const obstacle = await describeObstacle(one);
    if (obstacle !== null) findings.push({ name: one.name, detail: `${one.folder} ${obstacle}` });
  }
  return findings;
}
