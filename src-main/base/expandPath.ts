import { resolve } from 'node:path';
import { expandHome } from '../ssh/transport/homePath.ts';

/**
 * Returns the absolute path of a command-line argument. Expands `~`, because shells do not expand it after
 * `=`. Relative paths in an npm script start at the folder in which npm was called (INIT_CWD).
 */
export function expandPath(path: string, environment: NodeJS.ProcessEnv = process.env): string {
  const isScript = ['sallyport', 'start'].includes(environment['npm_lifecycle_event'] ?? '');
  const calledFrom = isScript ? environment['INIT_CWD'] : undefined;
  return resolve(calledFrom ?? '.', expandHome(path));
}
