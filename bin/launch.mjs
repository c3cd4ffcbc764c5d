/**
 * Plain JavaScript for whatever Node the machine has (≥ 20.19): finds the Node that came with the packages, and runs the
 * sources, or the built files in an installed package, where Node does not run TypeScript.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { findNode, root } from '../scripts/bootstrap.mjs';

/** With V8's own size for new objects, a console that follows 100 logs needs 310 MB instead of 200. */
const nodeFlags = JSON.parse(readFileSync(join(root, 'bin', 'nodeFlags.json'), 'utf8'));

/** Runs a program with the arguments of this process and ends as it ends. */
export function launch({ name, source, built }) {
  const isInstalledPackage = root.split(sep).includes('node_modules');
  if (!isInstalledPackage && !existsSync(join(root, 'node_modules'))) {
    process.stderr.write(`${name}: the packages are missing; run "npm install" in ${root} first.\n`);
    process.exit(1);
  }
  const entry = join(root, ...(isInstalledPackage ? built : source).split('/'));
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
