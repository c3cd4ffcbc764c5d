/**
 * Plain JavaScript for whatever Node the machine has (≥ 20.19). Runs the sources, or the built files in an installed
 * package, in which Node runs no TypeScript. The Node that came with the packages runs them if this one is too old.
 */
import { spawn } from 'node:child_process';
import { existsSync, fstatSync, readFileSync } from 'node:fs';
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

/** The `stdio` of another process, which also has the file of `--passphrase-fd N` if one is open. */
function inheritFiles(argv) {
  const stdio = ['inherit', 'inherit', 'inherit'];
  const [, number] = /(?:^|\0)--passphrase-fd[=\0](\d{1,4})(?:\0|$)/u.exec(argv.join('\0')) ?? [];
  const descriptor = Number(number ?? 0);
  try {
    fstatSync(descriptor);
  } catch {
    return stdio;
  }
  while (stdio.length <= descriptor) stdio.push('ignore');
  stdio[descriptor] = descriptor;
  return stdio;
}

/** Runs the program in another process and ends as it ends. */
function start(name, entry) {
  const argv = process.argv.slice(2);
  const child = spawn(findNode(), [...nodeFlags, entry, ...argv], { stdio: inheritFiles(argv) });
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
