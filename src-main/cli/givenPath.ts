import { resolve } from 'node:path';

/**
 * The absolute path of a file that somebody named. npm runs a script in the folder of its package and tells where it was
 * called from; only there does it mean anything, since whatever a script starts inherits it.
 */
export function givenPath(path: string, environment: NodeJS.ProcessEnv = process.env): string {
  const calledFrom = environment['npm_lifecycle_event'] === 'sallyport' ? environment['INIT_CWD'] : undefined;
  return resolve(calledFrom ?? '.', path);
}
