import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Expands `~` and paths below it to this user's home folder. Another user's home (`~ada`) and a file named `./~` stay
 * unchanged.
 */
export function expandHome(path: string): string {
  return /^~(?:$|[/\\])/u.test(path) ? join(homedir(), path.slice(1)) : path;
}
