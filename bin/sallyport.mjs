#!/usr/bin/env node
/**
 * `sallyport` on the PATH. Plain JavaScript for whatever Node the machine has (≥ 20.19): finds the Node that came with the
 * packages, and runs the sources, or the built files in an installed package, where Node does not run TypeScript.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { findNode, root } from '../scripts/bootstrap.mjs';

const isInstalledPackage = root.split(sep).includes('node_modules');
const entry = isInstalledPackage
  ? join('out', 'desktop', 'cli.js')
  : join('src-main', 'hosts', 'cli', 'cli.ts');
if (!isInstalledPackage && !existsSync(join(root, 'node_modules'))) {
  process.stderr.write(`sallyport: the packages are missing; run "npm install" in ${root} first.\n`);
  process.exit(1);
}
const child = spawn(
  findNode(),
  ['--disable-warning=ExperimentalWarning', join(root, entry), ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
// A terminal sends its Ctrl-C to both; other signals, and one that only this process gets, are passed on.
process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  process.stderr.write(`sallyport: ${error.message}\n`);
  process.exit(1);
});
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  // Ends as its child did, so that a shell sees the same signal.
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
