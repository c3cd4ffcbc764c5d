import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import nodeFlags from '../../bin/nodeFlags.json' with { type: 'json' };
import packageFile from '../../package.json' with { type: 'json' };
import { unpackNode } from '../kitNode.ts';
import { copyOutsidePackages, findBuiltFiles } from './appFolder.ts';
import { writeConsoleDebShipped } from '../shipped/writeShipped.ts';
import {
  copyFolder,
  copyInto,
  filesEndingWith,
  nodeDepends,
  nodeLicence,
  platformOf,
  writeDocumentation,
  writeFileInRoot,
  type DebTarget,
} from './debRoot.ts';

/** As npm lays packages out, so that the program finds its packages and its Node as in an npm installation. */
const modules = 'usr/lib/sallyport/node_modules';
const own = `${modules}/sallyport`;
const node = (arch: string) => `${modules}/node-linux-${arch}/bin/node`;

/** The programs that the command line starts, itself included. */
const programs = ['cli.js', 'lab.js', 'answerWorker.js', 'engineProcess.js', 'scanWorker.js'];

/** Moves the licences of the packages to where Debian has them. */
function takeLicences(folder: string): Map<string, string | Buffer> {
  const licences = new Map<string, string | Buffer>([['node', nodeLicence()]]);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^licen[cs]e/iu.test(entry.name))
    .map((entry) => ({
      package: relative(folder, entry.parentPath),
      path: join(entry.parentPath, entry.name),
    }))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
  for (const { package: name, path } of files) {
    licences.set(name.replaceAll('/', '_'), readFileSync(path));
    rmSync(path);
  }
  return licences;
}

/** The starter: without a search for Node, in one process. */
const starter = (arch: string) => `#!/bin/sh
exec /${node(arch)} ${nodeFlags.join(' ')} /${own}/bin/sallyport.mjs "$@"
`;

const completions = {
  bash: 'usr/share/bash-completion/completions/sallyport',
  zsh: 'usr/share/zsh/vendor-completions/_sallyport',
  fish: 'usr/share/fish/vendor_completions.d/sallyport.fish',
};

/** Fills `root` with the command line, the web host and the lab. Needs the build in `out`. */
export async function fillConsoleRoot(root: string, target: DebTarget, sourceDate: number): Promise<void> {
  copyOutsidePackages(join(root, 'usr/lib/sallyport'), platformOf(target));
  const licences = takeLicences(join(root, modules));
  for (const name of ['launch.mjs', 'nodeFlags.json']) copyInto(root, `${own}/bin/${name}`, `bin/${name}`);
  // Its first line looks for another Node.
  const main = readFileSync('bin/sallyport.mjs', 'utf8').replace(/^#!.*\n/u, '');
  writeFileInRoot(join(root, own, 'bin/sallyport.mjs'), main);
  copyInto(root, `${own}/scripts/bootstrap.mjs`, 'scripts/bootstrap.mjs');
  const builtFiles = findBuiltFiles('out/desktop', programs);
  for (const name of builtFiles) copyInto(root, `${own}/out/desktop/${name}`, `out/desktop/${name}`);
  const shipped = join(root, own, 'out');
  writeConsoleDebShipped(shipped, builtFiles);
  copyInto(root, `${own}/out/kit/connect.mjs`, 'out/kit/connect.mjs');
  if (existsSync('out/build.json')) copyInto(root, `${own}/out/build.json`, 'out/build.json');
  copyFolder(root, `${own}/out/renderer`, 'out/renderer', (path) => !path.endsWith('.map'));
  copyFolder(root, `${own}/resources/completion`, 'resources/completion', () => true);
  const { name, version, description, license, type } = packageFile;
  const described = { name, version, description, license, type, dependencies: packageFile.dependencies };
  writeFileInRoot(join(root, own, 'package.json'), `${JSON.stringify(described, null, 2)}\n`);
  mkdirSync(dirname(join(root, node(target.arch))), { recursive: true });
  await unpackNode(target.arch, join(root, node(target.arch)));
  writeFileInRoot(join(root, 'usr/bin/sallyport'), starter(target.arch), 0o755);
  for (const [shell, path] of Object.entries(completions))
    copyInto(root, path, `resources/completion/sallyport.${shell}`);
  for (const unit of ['sallyport-web.service', 'sallyport-web.socket'])
    copyInto(root, `usr/lib/systemd/user/${unit}`, `resources/debian/sallyport/${unit}`);
  copyInto(root, 'usr/lib/sallyport/web-address', 'resources/debian/sallyport/web-address', 0o755);
  writeDocumentation(root, {
    name: 'sallyport',
    version: target.version,
    sourceDate,
    licences,
    shipped,
    manPages: filesEndingWith('out/man', '.1'),
    documents: filesEndingWith('docs', '.md'),
  });
}

export const consoleFields = [
  ['Section', 'net'],
  ['Depends', nodeDepends.join(', ')],
  ['Suggests', 'bash-completion, openssh-client'],
  [
    'Description',
    [
      'admin console for appliances over SSH: command line and web host',
      ' Sallyport administers appliances over SSH, often behind an air gap: licences,',
      " tenants, the ports that tenants tunnel in, and the appliance's log.",
      ' .',
      ' This package is for a jump host. It has the command line, the web host as a',
      ' service of each user, and its own Node.',
    ].join('\n'),
  ],
] as const;
