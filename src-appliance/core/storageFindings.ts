import { access, constants, readFile, realpath, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ApplianceStatus } from '../../src-shared/model/appliance/applianceStatus.ts';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';
import type { ApplianceConfig } from './config.ts';

/** With less free space, a record may not fit **[ours]**. */
const minFreeBytes = 64 * 1024;

/** In mountinfo, these characters of a path are written as octal numbers (proc(5)). */
function decodePath(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/gu, (_, digits: string) => String.fromCodePoint(parseInt(digits, 8)));
}

/** Whether the mount of `path` is read-only, from the content of /proc/self/mountinfo. */
export function isMountReadOnly(mountinfo: string, path: string): boolean {
  let found = { point: '', isReadOnly: false };
  for (const line of mountinfo.split('\n')) {
    const fields = line.split(' ');
    const point = decodePath(fields[4] ?? '');
    const isAbove = point === '/' || path === point || path.startsWith(`${point}/`);
    // A later mount hides an earlier one at the same point.
    if (point === '' || !isAbove || point.length < found.point.length) continue;
    const superOptions = fields.at(-1) ?? '';
    const options = `${fields[5] ?? ''},${superOptions}`.split(',');
    found = { point, isReadOnly: options.includes('ro') };
  }
  return found.isReadOnly;
}

/**
 * Why nothing can be written in a folder. Null if it seems writable, as far as this user can tell without
 * writing: an ordinary user may not write there anyway.
 */
async function findObstacle(folder: string, mountinfo: string): Promise<string | null> {
  // The kernel checks for a read-only or immutable folder before it checks the user's rights.
  const code = await access(folder, constants.W_OK).then(
    () => null,
    (error: unknown) => systemErrorCode(error),
  );
  if (code === 'ENOENT') return 'is missing';
  // A folder of another mount namespace, in procfs, has no real path in this one.
  const path = await realpath(folder).catch(() => folder);
  if (code === 'EROFS' || isMountReadOnly(mountinfo, path)) return 'is read-only';
  if (code === 'EPERM') return 'is protected against changes (immutable)';
  const stats = await statfs(folder).catch(() => null);
  if (stats === null) return null;
  if (stats.bavail * stats.bsize < minFreeBytes) return 'has no free space';
  return stats.files > 0 && stats.ffree === 0 ? 'has no free inodes' : null;
}

/** Findings for folders in which the kit or the system can't write, before the first change or login fails. */
export async function findStorageProblems(
  config: Pick<ApplianceConfig, 'stateFolder' | 'runFolder' | 'syslog'>,
): Promise<ApplianceStatus['findings']> {
  const mountinfo = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const folders = [
    { name: 'state folder', folder: config.stateFolder, effect: 'no tenant can be added or changed' },
    { name: 'run folder', folder: config.runFolder, effect: 'tenants cannot log in' },
    { name: 'log', folder: dirname(config.syslog), effect: 'nothing is logged' },
  ];
  const findings: ApplianceStatus['findings'] = [];
  for (const { name, folder, effect } of folders) {
    const obstacle = await findObstacle(folder, mountinfo);
    if (obstacle !== null) findings.push({ name, detail: `${folder} ${obstacle}, so ${effect}` });
  }
  return findings;
}
