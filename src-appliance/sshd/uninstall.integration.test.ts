import { join } from 'node:path';
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeTenant } from '../../test-support/remoteNetworks.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { waitFor } from '../../test-support/waitFor.ts';

const initScript = '/etc/init.d/sallyport';
let box: StockBox;
let keyFile: string;

beforeAll(async () => {
  box = await startStockBox({ licence: {} });
  const { privateKey } = await changeTenant(box, 'add', 'northwind');
  keyFile = join(box.folder, 'northwind.key');
  await writeFile(keyFile, privateKey ?? '', { mode: 0o600 });
  await connectAgainAndAgain();
}, 240_000);
afterAll(() => box.stop());

const sh = (script: string) => box.system.mustRun(['sh', '-e', '-c', script]);
const isConnected = async () => (await box.system.run(['pgrep', '-u', 'connect'])).exitCode === 0;
const countRefusals = async () =>
  (await readFile(join(box.folder, 'log'), 'utf8')).split('Permission denied').length;
/** Uninstalls while the tenant is connected: sshd ends a session that a busy machine doesn't serve for a while. */
async function uninstall(): Promise<string> {
  await waitFor('the tenant is connected', isConnected);
  return sh('sh /opt/sallyport/kit/install.sh --uninstall');
}
/** Sets the process ID after which the next process is numbered. */
const setLastPid = (pid: number) => sh(`echo ${pid} >/proc/sys/kernel/ns_last_pid`);

/** Starts a tenant that logs in again as soon as its session ends. */
async function connectAgainAndAgain(): Promise<void> {
  const ssh = `ssh -N -o StrictHostKeyChecking=no -i ${keyFile} connect@${box.host}`;
  box.system.start(['sh', '-c', `while :; do ${ssh} || true; done 2>${join(box.folder, 'log')}`]);
  await waitFor('the tenant is connected', isConnected);
}

async function expectTenantGone(): Promise<void> {
  const before = await countRefusals();
  await waitFor('the tenant is refused again', async () => (await countRefusals()) > before + 1);
  expect(await isConnected()).toBe(false);
}

it('when sshd cannot be reloaded and the tenant reconnects at once, keeps the tenant out', async () => {
  // A service that takes long to stop. If the tenant's session ended first, the tenant would have time to
  // reconnect.
  const late = 'for _ in $(seq 50); do ! pgrep -u connect >/dev/null || break; sleep 0.1; done';
  await sh(
    `sed -i '2i if [ "$1" = stop ]; then ${late}; fi' ${initScript}; mv /etc/init.d/ssh /root/ssh.init`,
  );
  expect(await uninstall()).toContain('ended 1 tenant session\n');
  await expectTenantGone();
  await sh('mv /root/ssh.init /etc/init.d/ssh');
});

it('when other processes start and end at the same time, finds and ends every session', async () => {
  await setLastPid(30_000);
  await sh('sh /home/ubuntu/kit/install.sh --admin ubuntu; pkill -u connect || true');
  await waitFor('a session with a late number', async () => {
    const { stdout } = await box.system.run(['pgrep', '-u', 'connect', '-x', 'sshd']);
    return Number(stdout) > 30_000;
  });
  // A low process ID, so that a shell that lists /proc finds it before the tenant's process.
  await setLastPid(10_000);
  const busy = box.system.start([
    'sh',
    '-c',
    'for _ in 1 2 3; do (while :; do /bin/true; done) & done; wait',
  ]);
  expect(await uninstall()).toContain('ended 1 tenant session\n');
  await expectTenantGone();
  busy.kill();
});
