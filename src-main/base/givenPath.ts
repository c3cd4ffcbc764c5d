import { resolve } from 'node:path';
import { expandHome } from '../ssh/transport/homePath.ts';

/**
 * The absolute path of a file that was named on the command line; `~` is the home folder, since no shell expands it after
 * `=`. npm runs a script in the folder of its package and tells where it was called from; only there does it mean
 * anything, since every program that a script starts inherits it.
 */
export function givenPath(path: string, environment: NodeJS.ProcessEnv = process.env): string {
  const isScript = ['sallyport', 'start'].includes(environment['npm_lifecycle_event'] ?? '');
  const calledFrom = isScript ? environment['INIT_CWD'] : undefined;
  return resolve(calledFrom ?? '.', expandHome(path));
}
