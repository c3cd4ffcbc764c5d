import { lstatSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Others may write. */
const othersMayWrite = 0o022;
/** Others may remove only their own files, as in /tmp. */
const sticky = 0o1000;

/** Whether only this user and root can replace what is at `path`. */
function isOnlyOurs(path: string, user: number): boolean {
  const { uid, mode } = lstatSync(path);
  if (uid !== user && uid !== 0) return false;
  if ((mode & othersMayWrite) !== 0 && (mode & sticky) === 0) return false;
  return dirname(path) === path || isOnlyOurs(dirname(path), user);
}

/**
 * The folder below `data` for what Node compiled, which Node runs when it reads it. Null unless `data` exists and only this
 * user can write there: a user's folder that root runs in is not safe for root.
 */
export function findCompiledFolder(data: string, user = process.geteuid?.()): string | null {
  try {
    const folder = join(data, 'compiled');
    // Windows gives each user a folder that others can't write.
    if (user === undefined) return lstatSync(data).isDirectory() ? folder : null;
    const facts = lstatSync(data);
    if (!facts.isDirectory() || facts.uid !== user || !isOnlyOurs(data, user)) return null;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const own = lstatSync(folder);
    return own.isDirectory() && own.uid === user && (own.mode & 0o077) === 0 ? folder : null;
  } catch {
    return null;
  }
}
