import { readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { unpackNode } from '../kitNode.ts';
import { runTool } from './debFile.ts';
import {
  copyInto,
  filesEndingWith,
  nodeDepends,
  nodeLicence,
  writeDocumentation,
  type DebTarget,
} from './debRoot.ts';

const program = 'usr/lib/sallyport-appliance';
const resources = 'resources/debian/sallyport-appliance';
const page = 'ke_status.8';

/** The other commands of the page `ke_status`. */
const otherCommands = () =>
  (/^\.SH NAME\n(.*) \\- /mu.exec(readFileSync(join(resources, page), 'utf8'))?.[1] ?? '')
    .split(', ')
    .filter((name) => name !== 'ke_status');

/** Fills `root` with the kit, as install.sh writes it. Needs the build in `out`. */
export async function fillApplianceRoot(root: string, target: DebTarget, sourceDate: number): Promise<void> {
  runTool('sh', 'out/kit/install.sh', '--stage', root, '--architecture', target.arch);
  await unpackNode(target.arch, join(root, program, 'node'));
  const setup = 'sallyport-appliance-setup';
  copyInto(root, `usr/sbin/${setup}`, join(resources, setup), 0o755);
  writeDocumentation(root, {
    name: 'sallyport-appliance',
    version: target.version,
    sourceDate,
    licences: new Map([['node', nodeLicence()]]),
    shipped: 'out/kit',
    manPages: [`${setup}.8`, page].map((name) => join(resources, name)),
    documents: ['docs/appliance.md', 'docs/appliance-commands.md', 'docs/cluster.md'],
  });
  for (const name of otherCommands())
    symlinkSync(`${page}.gz`, join(root, 'usr/share/man/man8', `${name}.8.gz`));
  // What a tenant's site is given.
  for (const path of filesEndingWith('out/kit', '.tgz'))
    copyInto(root, join('usr/share/sallyport-appliance', basename(path)), path);
}

export const applianceScripts = () =>
  Object.fromEntries(
    ['postinst', 'prerm', 'postrm'].map((name) => [name, readFileSync(join(resources, name), 'utf8')]),
  );

export const applianceFields = [
  ['Section', 'net'],
  [
    'Depends',
    [
      ...nodeDepends,
      'init-system-helpers (>= 1.50)',
      'iproute2',
      'openssh-server (>= 1:7.8)',
      'passwd',
      'rsyslog',
      'sudo',
    ].join(', '),
  ],
  [
    'Description',
    [
      'appliance kit of Sallyport: commands, tenants and their ports',
      ' The commands that Sallyport administers over SSH, and the service that lets',
      ' tenants open ports through sshd. It brings its own Node and needs no internet.',
      ' .',
      ' sallyport-appliance-setup sets the administrator.',
    ].join('\n'),
  ],
] as const;
