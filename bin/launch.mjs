/**
 * Plain JavaScript for whatever Node the machine has (≥ 20.19). Runs the sources, or the built files in an installed
 * package, in which Node runs no TypeScript. The Node that came with the packages runs them if this one is too old.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findNode, isNodeNewEnough, root } from '../scripts/bootstrap.mjs';

/**
 * The first lines of the programs have the same flags. With V8's own size for new objects, a console that follows 100
 * logs needs 310 MB instead of 200.
 */
const nodeFlags = JSON.parse(readFileSync(join(root, 'bin', 'nodeFlags.json'), 'utf8'));

/** Runs a program with the arguments of this process: in this process if its Node is right, which saves a start. */
export async function launch({ name, source, built }) {
  const isInstalledPackage = root.split(sep).includes('node_modules');
  if (!isInstalledPackage && !existsSync(join(root, 'node_modules'))) {
    process.stderr.write(`${name}: the packages are missing; run "npm install" in ${root} first.\n`);
    process.exit(1);
  }
  const entry = join(root, ...(isInstalledPackage ? built : source).split('/'));
  if (isNodeNewEnough() && nodeFlags.every((flag) => process.execArgv.includes(flag)))
    await import(pathToFileURL(entry).href);
  else start(name, entry);
}

/** Runs the program in another process and ends as it ends. */
function start(name, entry) {
  const child = spawn(findNode(), [...nodeFlags, entry, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends its Ctrl-C to both; other signals, and one that only this process gets, are passed on.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`${name}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    // Ends as its child did, so that a shell sees the same signal.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
