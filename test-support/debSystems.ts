import { copyFile, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { BoxSystem } from './boxSystem.ts';
import { waitFor } from './waitFor.ts';

/** Makes the box a Debian whose packages start their services. Images for containers forbid it. */
export const allowStarts = (system: BoxSystem) => system.mustRun(['rm', '-f', '/usr/sbin/policy-rc.d']);

/** Runs shell commands as root. Rejects unless they end with 0. */
export const asRoot = (system: BoxSystem, commands: string) =>
  system.mustRun(['bash', '-e', '-o', 'pipefail', '-c', commands]);

/** Installs a package as its owner does, and resolves with what apt printed. */
export async function aptInstall(system: BoxSystem, file: string): Promise<string> {
  const inside = `/root/${basename(file)}`;
  await copyFile(file, system.path(inside));
  const said = await asRoot(system, `cd /root && apt-get install -y ./${basename(file)} 2>&1; rm ${inside}`);
  // dpkg writes to a terminal that apt makes.
  return said.replaceAll('\r\n', '\n');
}

/** The paths of a box that have `sallyport` in their names, without what dpkg's own lists are. */
export const listLeftovers = (system: BoxSystem) =>
  asRoot(
    system,
    'find / -xdev \\( -path /proc -o -path /tmp -o -path /root -o -path /var/cache/man -o -path /var/lib/apt \\) -prune -o -name "*sallyport*" -print; find /usr/bin /usr/sbin /usr/local -name "ke_*"; getent passwd connect sallyport || true; getent group connect sallyport sallyport-api sallyport-workers || true',
  );

/** Starts the web host as the user's service does: its requests come from a pipe, and its address goes into a file. */
export async function startWebService(
  system: BoxSystem,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const unit = await readFile(system.path('/usr/lib/systemd/user/sallyport-web.service'), 'utf8');
  const command = /^ExecStart=(.*)$/mu.exec(unit)?.[1]?.replace(' $SALLYPORT_WEB_OPTIONS', '') ?? 'false';
  const address = '/run/sallyport-web.address';
  await asRoot(system, 'mkfifo -m 0600 /run/sallyport-web.request');
  const child = system.start([
    'sh',
    '-c',
    `exec <>/run/sallyport-web.request; umask 077; exec ${command} >${address}`,
  ]);
  await waitFor('the web host prints its address', async () =>
    (await readFile(system.path(address), 'utf8').catch(() => '')).endsWith('\n'),
  );
  const ended = new Promise((resolve) => child.once('close', resolve));
  return {
    url: (await asRoot(system, 'XDG_RUNTIME_DIR=/run /usr/lib/sallyport/web-address'))
      .replace('Sallyport: ', '')
      .trim(),
    stop: async () => {
      await asRoot(system, "pkill -TERM -f 'sallyport.mjs web'");
      await ended;
    },
  };
}
