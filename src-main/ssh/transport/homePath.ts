import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Expands `~` and `~/…` to this user's home folder. Other paths stay unchanged, such as `~ada` and a file
 * named `./~`.
 */
export function expandHome(path: string): string {
  return /^~(?:$|[/\\])/u.test(path) ? join(homedir(), path.slice(1)) : path;
}
