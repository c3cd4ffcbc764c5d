/**
 * The first step of `npm start` and `npm test`. It runs with any installed Node (≥ 20.19), so it is plain JavaScript
 * without dependencies: it installs the locked packages, then continues with the Node that they contain.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Whether every locked package for this platform is installed in its locked version. */
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
  // Not `npm ci`, because it refuses the whole lock file if a registry lacks one package of another platform. `install`
  // uses the same locked versions and hashes; isInstalled checks that all of them arrived.
  const result = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) fail('npm install failed; its message is above.');
  if (!isInstalled())
    fail('npm install did not bring the locked versions; remove node_modules and try again.');
}

/** Whether the running Node can run the programs. */
export function isNodeNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}

/** The Node version of Electron, from npm's platform package; otherwise the running Node if it is new enough. */
export function findNode() {
  const os = process.platform === 'win32' ? 'win' : process.platform;
  const program = join('bin', process.platform === 'win32' ? 'node.exe' : 'node');
  // Also search beside this package, because npm puts the dependencies of an installed package there.
  for (const folder of [join(root, 'node_modules'), dirname(root)]) {
    const packaged = join(folder, `node-${os}-${process.arch}`, program);
    if (existsSync(packaged)) return packaged;
  }
  if (isNodeNewEnough()) return process.execPath;
  const { optionalDependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return fail(describeMissingNode({ os, optional: Object.keys(optionalDependencies) }));
}

/** Why no Node can run the programs. `optional` are the packages that may have been left out of the installation. */
export function describeMissingNode({ os, arch = process.arch, version = process.version, optional }) {
  const name = `node-${os}-${arch}`;
  const why = optional.includes(name)
    ? `npm's package ${name}, which brings one, is not installed`
    : `npm has no package that brings one for ${os}-${arch}`;
  return `Node 22.18 or newer is needed. This computer's is ${version}, and ${why}.`;
}

/** npm 10 omits this link, through which `npm run` finds the right Node. */
function linkNode(node) {
  const link = join(root, 'node_modules', '.bin', 'node');
  if (process.platform !== 'win32' && node !== process.execPath && !existsSync(link)) symlinkSync(node, link);
}

/** Installs missing packages and runs `script` (TypeScript) with the right Node; exits with its exit code. */
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
  // The child receives the terminal's Ctrl+C itself and cleans up; this process only waits for it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
  // A signal that only npm receives ends npm without being passed on. So a process whose parent is gone ends its
  // children.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref();
  child.on('exit', (code, signal) => {
    if (signal !== null && signal !== 'SIGINT') process.stderr.write(`${script} was ended by ${signal}.\n`);
    process.exit(code ?? (signal === 'SIGINT' ? 130 : 1));
  });
}
