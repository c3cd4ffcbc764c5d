import { resolve } from 'node:path';
import { expandHome } from '../ssh/transport/homePath.ts';

/**
 * The absolute path of a command-line argument, with `~` expanded because shells do not expand it after `=`. In an npm
 * script, paths are relative to the folder that npm was called from; programs that a script starts only inherit it.
 */
export function expandPath(path: string, environment: NodeJS.ProcessEnv = process.env): string {
  const isScript = ['sallyport', 'start'].includes(environment['npm_lifecycle_event'] ?? '');
  const calledFrom = isScript ? environment['INIT_CWD'] : undefined;
  return resolve(calledFrom ?? '.', expandHome(path));
}
