import { withLookAlike } from '../../base/lookAlikes.ts';
import { isPlainLine } from '../../base/machineText.ts';

/** Names that mean devices on Windows, in every folder. */
const windowsDevice = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$/iu;
/** Folders of virtual files. They hold no keys, and reading them may have effects. */
const systemFolders = ['proc', 'sys', 'dev'];

/** Splits an absolute path into its parts and resolves `.` and `..`. */
function splitPath(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split(/[/\\]/u)) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
}

/**
 * Why `path` can't be the file of a private key, or null if it can. Network paths are rejected, because
 * Windows sends the user's credentials to the other computer when it opens such a path.
 */
export function findKeyPathFault(path: string): string | null {
  if (!isPlainLine(path)) return withLookAlike('its path contains invisible characters', path);
  if (/^[/\\]{2}/u.test(path)) return 'it is on another computer (a network path)';
  const parts = splitPath(path);
  const isAbsolute = path.startsWith('/');
  if (isAbsolute && systemFolders.includes(parts[0] ?? '')) return 'it is a device or system file';
  if (windowsDevice.test(parts.at(-1) ?? '')) return 'its name is a device name';
  return null;
}
