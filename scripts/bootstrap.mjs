/**
 * The first step of `npm start` and `npm test`. Runs on whatever Node the machine has (≥ 20.19), so it is plain
 * JavaScript without dependencies: installs the locked packages, then hands over to the Node that came with them.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** True when every locked package that this platform wants is installed in its locked version. */
function isInstalled() {
  try {
    const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    const present = JSON.parse(
      readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8'),
    ).packages;
    return Object.entries(locked).every(
      ([path, entry]) =>
        path === '' ||
        entry.optional === true ||
        entry.peer === true ||
        (present[path]?.version === entry.version && existsSync(join(root, path, 'package.json'))),
    );
  } catch {
    return false;
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function install() {
  process.stderr.write('Installing packages (first run, or the lock file changed)…\n');
  // Not `npm ci`: it refuses the whole lock file where a registry lacks one package that only another platform wants.
  // `install` takes the same locked versions and checks the same hashes; isInstalled tells whether all of them came.
  const result = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) fail('npm install failed; its message is above.');
  if (!isInstalled())
    fail('npm install did not bring the locked versions; remove node_modules and try again.');
}

/** The Node that Electron embeds, from npm's own platform package; else this one if it is new enough. */
export function findNode() {
  const os = process.platform === 'win32' ? 'win' : process.platform;
  const program = join('bin', process.platform === 'win32' ? 'node.exe' : 'node');
  // Beside this package, too: npm puts the dependencies of an installed package there.
  for (const folder of [join(root, 'node_modules'), dirname(root)]) {
    const packaged = join(folder, `node-${os}-${process.arch}`, program);
    if (existsSync(packaged)) return packaged;
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  return fail(
    `No Node package exists for ${process.platform}-${process.arch}, so the machine's own must be 22.18 or newer; this is ${process.version}.`,
  );
}

/** npm 10 leaves this link out, and `npm run` finds the right Node through it. */
function linkNode(node) {
  const link = join(root, 'node_modules', '.bin', 'node');
  if (process.platform !== 'win32' && node !== process.execPath && !existsSync(link)) symlinkSync(node, link);
}

/** Installs what is missing and runs `script` (TypeScript) with the right Node; exits as it exits. */
export function bootstrap(script) {
  if (!isInstalled()) install();
  const node = findNode();
  linkNode(node);
  const path = [join(root, 'node_modules', '.bin'), dirname(node), process.env.PATH ?? ''].join(
    process.platform === 'win32' ? ';' : ':',
  );
  const child = spawn(
    node,
    ['--disable-warning=ExperimentalWarning', join(root, 'scripts', script), ...process.argv.slice(2)],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, PATH: path },
    },
  );
  // The child gets the terminal's Ctrl-C itself and cleans up; this process only waits for it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
  // npm dies of a signal that only it gets, without passing it on: a process without its parent ends what it started.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref();
  child.on('exit', (code, signal) => {
    if (signal !== null && signal !== 'SIGINT') process.stderr.write(`${script} was ended by ${signal}.\n`);
    process.exit(code ?? (signal === 'SIGINT' ? 130 : 1));
  });
}
