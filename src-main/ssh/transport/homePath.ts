import { homedir } from 'node:os';
import { join } from 'node:path';

/** `~` and what is below it, in this user's home folder. Another user's (`~ada`) and a file named `./~` stay as they are. */
export function expandHome(path: string): string {
  return /^~(?:$|[/\\])/u.test(path) ? join(homedir(), path.slice(1)) : path;
}
