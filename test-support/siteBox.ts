import { execFile } from 'node:child_process';
import { cp, copyFile, mkdir, realpath, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { startBoxSystem, type BoxSystem } from './boxSystem.ts';
import { buildKitBundle } from './kitBundle.ts';

const run = promisify(execFile);

/**
 * The computer at a tenant's site: Debian with Node and npm in /usr/local, and an operator who may become
 * root.
 */
export type SiteBox = BoxSystem & {
  operator: string;
  /**
   * Runs a shell script as the operator, in the operator's home folder. Stops at the first line that fails.
   */
  sh: (script: string) => ReturnType<BoxSystem['run']>;
  /** Starts a service of the site on a loopback port. It answers with the received text in upper case. */
  startShoutingService: (port: number) => void;
};

const operator = 'keeper';

const shoutProgram = `
use IO::Socket::INET;
$SIG{CHLD} = "IGNORE";
my $server = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $ARGV[0], Listen => 16, ReuseAddr => 1) or die;
while (1) {
  my $peer = $server->accept or next;
  next if fork;
  while (sysread $peer, $_, 4096) { syswrite $peer, uc }
  exit;
}
`;

async function placeNode(box: BoxSystem): Promise<void> {
  await copyFile(process.execPath, box.path('/usr/local/bin/node'));
  await box.mustRun(['chmod', '0755', '/usr/local/bin/node']);
  const { stdout } = await run('sh', ['-c', 'command -v npm']);
  const npm = dirname(dirname(await realpath(stdout.trim())));
  await mkdir(box.path('/usr/local/lib/node_modules'));
  await cp(npm, box.path('/usr/local/lib/node_modules/npm'), { recursive: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', box.path('/usr/local/bin/npm'));
}

async function addOperator(box: BoxSystem): Promise<void> {
  await box.mustRun(['useradd', '--create-home', '--shell', '/bin/bash', '--password', '*', operator]);
  const rule = `echo '${operator} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/${operator}`;
  await box.mustRun(['sh', '-c', `umask 0337; ${rule}`]);
}

/**
 * Starts the isolated system that stands in for a computer at a tenant's site, and copies the archive of
 * Connect into its operator's home folder. Stops the system and rejects if a step fails.
 */
export async function startSiteBox(options: { hostname: string; archive: string }): Promise<SiteBox> {
  const bundle = await buildKitBundle();
  const box = await startBoxSystem(options);
  try {
    await Promise.all([placeNode(box), addOperator(box)]);
    await copyFile(join(bundle, options.archive), box.path(`/home/${operator}/${options.archive}`));
  } catch (error) {
    await box.stop();
    throw error;
  }
  return {
    ...box,
    operator,
    sh: (script) => box.run(['sh', '-e', '-c', `cd /home/${operator}\n${script}`], { user: operator }),
    startShoutingService: (port) => {
      box.start(['perl', '-e', shoutProgram, `${port}`]);
    },
  };
}
