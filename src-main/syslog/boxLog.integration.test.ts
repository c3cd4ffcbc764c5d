import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { changeTenant } from '../../test-support/remoteNetworks.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { remoteNetworksSchema } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { cliProgram } from '../../test-support/cliProgram.ts';
const command = '/usr/local/sbin/ke_syslog';
let box: StockBox;
let data: string;

beforeAll(async () => {
  [box, data] = await Promise.all([startStockBox(), mkdtemp(join(tmpdir(), 'sallyport-log-'))]);
  const target = `${box.adminUser}@${box.host}:${box.port}`;
  const key = ['--identity', box.adminKeyFile, '--host-key', box.hostKey().fingerprint];
  const { code, err } = await sallyport('appliance', 'add', 'kiln', target, ...key);
  if (code !== 0) throw new Error(err);
  await changeTenant(box, 'add', 'acme');
  await changeTenant(box, 'change', '0', 'acme');
  await changeTenant(box, 'change', '20', 'acme');
});
afterAll(async () => {
  await box.stop();
  await rm(data, { recursive: true, force: true });
});

function start(argv: readonly string[]) {
  const child = spawn(process.execPath, [cliProgram, '--data', data, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.err += text));
  return { child, output, ended: once(child, 'close').then(() => ({ code: child.exitCode, ...output })) };
}
const sallyport = (...argv: string[]) => start(argv).ended;

const asAdmin = (...argv: string[]) => box.system.run(argv, { user: box.adminUser });
const tails = async () => (await box.system.run(['pgrep', '-x', 'tail'])).stdout.trim();

/** Removes `ke_syslog` until the end of the test, as on an appliance with an older kit. */
async function takeCommandAway(): Promise<void> {
  await box.system.mustRun(['mv', command, `${command}.away`]);
  onTestFinished(async () => void (await box.system.mustRun(['mv', `${command}.away`, command])));
}

/** As logrotate does with `create 0600 root root`. */
async function rotateToMode600(): Promise<void> {
  await box.system.mustRun(['mv', '/var/log/syslog', '/var/log/syslog.1']);
  await box.system.mustRun(['install', '-m', '600', '/dev/null', '/var/log/syslog']);
  onTestFinished(async () => {
    await box.system.mustRun(['chmod', '644', '/var/log/syslog']);
    await box.system.mustRun(['pkill', '-HUP', '-x', 'rsyslogd']);
  });
}
const append = (script: string) => box.system.mustRun(['sh', '-c', `{ ${script}; } >>/var/log/syslog`]);

async function follow(marker: string) {
  const following = start(['syslog', 'tail', 'kiln', '--lines', '5', '--follow']);
  onTestFinished(() => void following.child.kill('SIGKILL'));
  await box.logger(`${marker} before`);
  await waitFor('the line shows', () => {
    expect(following.output.err).toBe('');
    return following.output.out.includes(`${marker} before`);
  });
  return following;
}

describe('when the administrator may not read the log', () => {
  test('ke_syslog reads the last lines, follows the log, and reads it for a diagnosis', async () => {
    await box.logger('the last line');
    // Wait for the line, because sshd may still write lines about earlier sessions.
    await waitFor('it is written', async () =>
      (await box.ke(['ke_syslog', '--lines', '20'])).stdout.includes('the last line\n'),
    );
    expect((await box.ke(['ke_syslog', '--lines', '1'])).stdout).toMatch(/^[^\n]+\n$/u);
    const last = await sallyport('syslog', 'tail', 'kiln', '--lines', '20');
    expect(last).toMatchObject({ code: 0, err: '', out: expect.stringContaining('the last line') });
    const following = await follow('first');
    await box.system.mustRun(['mv', '/var/log/syslog', '/var/log/syslog.1']);
    await box.system.mustRun(['pkill', '-HUP', '-x', 'rsyslogd']);
    await box.logger('after the rotation');
    await waitFor('the line after the rotation shows', () =>
      following.output.out.includes('after the rotation'),
    );
    following.child.kill('SIGTERM');
    await following.ended;
    await waitFor('tail has ended with its reader', async () => (await tails()) === '');
    const diagnosis = await sallyport('--json', 'diagnose', 'kiln', 'acme');
    const { linesError, lines } = z
      .object({ diagnosis: z.object({ linesError: z.string().nullable(), lines: z.array(z.unknown()) }) })
      .parse(JSON.parse(diagnosis.out)).diagnosis;
    expect(linesError).toBeNull();
    // The kit wrote this line before the rotation.
    expect(JSON.stringify(lines)).toContain('suspended acme');
  });

  test.each([
    ['another file', ['ke_syslog', '/etc/shadow'], 2, 'INVALID_INPUT'],
    ["an option of tail's", ['ke_syslog', '--pid=1'], 2, 'INVALID_INPUT'],
    ['more than can be', ['ke_syslog', '--lines', '100001'], 2, 'INVALID_INPUT'],
  ])('sudo permits no reading of %s', async (_what, argv, exitCode, code) => {
    const result = await box.ke(argv);
    expect(result).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(code) });
  });

  test('without sudo, says that sudo is needed', async () => {
    expect(await asAdmin('ke_syslog')).toMatchObject({
      exitCode: 4,
      stdout: '',
      stderr: expect.stringContaining('NOT_PERMITTED'),
    });
  });

  test('when the kit has no ke_syslog, exits with 1, also while following', async () => {
    await takeCommandAway();
    for (const more of [[], ['--follow']]) {
      const { code, out, err } = await sallyport('syslog', 'tail', 'kiln', ...more);
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(
        /The log can’t be read: .*Permission denied.*ke_syslog.*group adm.*LOG_UNREADABLE/su,
      );
    }
    const { out } = await sallyport('diagnose', 'kiln', 'acme');
    expect(out).toContain('The log can’t be read: ');
  });

  test('when the log disappears while following, says so until it is back', async () => {
    const following = await follow('second');
    await box.system.mustRun(['mv', '/var/log/syslog', '/var/log/syslog.gone']);
    onTestFinished(
      async () => void (await box.system.run(['mv', '/var/log/syslog.gone', '/var/log/syslog'])),
    );
    await waitFor('the problem shows', () =>
      /^--- The log can’t be read: \/var\/log\/syslog does not exist\. ---$/mu.test(following.output.out),
    );
    await box.system.mustRun(['mv', '/var/log/syslog.gone', '/var/log/syslog']);
    await waitFor('its end shows', () => following.output.out.includes('--- The log can be read again. ---'));
    following.child.kill('SIGTERM');
    expect(await following.ended).toMatchObject({ code: 0, err: '' });
  });

  test('when the log disappears while following, a stop exits with 1', async () => {
    const following = await follow('stopped');
    await box.system.mustRun(['mv', '/var/log/syslog', '/var/log/syslog.gone']);
    onTestFinished(
      async () => void (await box.system.mustRun(['mv', '/var/log/syslog.gone', '/var/log/syslog'])),
    );
    await waitFor('the problem shows', () => following.output.out.includes('The log can’t be read: '));
    following.child.kill('SIGTERM');
    expect(await following.ended).toMatchObject({ code: 1 });
  });

  test('when the log is missing, exits with 1', async () => {
    await box.system.mustRun(['mv', '/var/log/syslog', '/var/log/syslog.gone']);
    onTestFinished(
      async () => void (await box.system.mustRun(['mv', '/var/log/syslog.gone', '/var/log/syslog'])),
    );
    const { code, err } = await sallyport('syslog', 'tail', 'kiln');
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/The log can’t be read: \/var\/log\/syslog does not exist\..*LOG_UNREADABLE/su),
    ]);
  });
});

describe('when the administrator is in group adm', () => {
  beforeAll(() => box.system.mustRun(['usermod', '--append', '--groups', 'adm', box.adminUser]));
  afterAll(() => box.system.mustRun(['gpasswd', '--delete', box.adminUser, 'adm']));

  test('reads the log without sudo and without ke_syslog', async () => {
    await takeCommandAway();
    await box.logger('read unaided');
    await waitFor('the line shows', async () => {
      const { code, out } = await sallyport('syslog', 'tail', 'kiln', '--lines', '50');
      return code === 0 && out.includes('read unaided');
    });
    const following = await follow('third');
    const findReaders = `ps -o user= -p "$(pgrep -f '^perl -e use strict')"`;
    const readers = async () => (await box.system.run(['sh', '-c', findReaders])).stdout.trim();
    let user = '';
    await waitFor('a program of the appliance waits for lines', async () => (user = await readers()) !== '');
    expect(user).toBe(box.adminUser);
    following.child.kill('SIGTERM');
    await following.ended;
  });

  test('when the log is rotated to mode 600, goes on with ke_syslog', async () => {
    const following = await follow('rotated');
    await rotateToMode600();
    await append('echo "Nov 28 09:04:12 kiln app: by command"');
    await waitFor('the line shows', () => following.output.out.includes('app: by command'));
    expect(following.output.out).not.toContain('can’t be read');
    following.child.kill('SIGTERM');
    expect(await following.ended).toMatchObject({ code: 0, err: '' });
  });

  test('when the log is rotated to mode 600 without ke_syslog, says so until it can be read', async () => {
    await takeCommandAway();
    const following = await follow('fourth');
    await rotateToMode600();
    await waitFor('the problem shows', () =>
      /^--- The log can’t be read: .*Permission denied.* ---$/mu.test(following.output.out),
    );
    await box.system.mustRun(['chmod', '644', '/var/log/syslog']);
    await waitFor('its end shows', () => following.output.out.includes('--- The log can be read again. ---'));
    await append('echo "Nov 28 09:04:12 kiln app: readable"');
    await waitFor('the line shows', () => following.output.out.includes('app: readable'));
    await box.system.mustRun(['truncate', '-s', '0', '/var/log/syslog']);
    await append('head -c 200000 /dev/zero; echo "Nov 28 09:04:13 2001:db8::a app[7]: padded"');
    await waitFor('the line after the padding shows', () =>
      /^\[200000 NUL bytes\] \S+-28T\S+ 2001:db8::a app\[7\]: padded$/mu.test(following.output.out),
    );
    following.child.kill('SIGTERM');
    expect(await following.ended).toMatchObject({ code: 0, err: '' });
  });
});

describe("the interface for the appliance's own programs", () => {
  test('when their user is in sallyport-api, sudo permits only list --json', async () => {
    await box.system.mustRun(['useradd', '--system', '--groups', 'sallyport-api', 'ke-api']);
    const asProgram = (...argv: string[]) => box.system.run(['sudo', '-n', ...argv], { user: 'ke-api' });
    const list = await asProgram('ke_manage_remote_networks', 'list', '--json');
    expect(list).toMatchObject({ exitCode: 0, stderr: '' });
    const { tenants } = remoteNetworksSchema.parse(JSON.parse(list.stdout));
    expect(tenants.map(({ clientId }) => clientId)).toEqual(['acme']);
    for (const argv of [
      ['ke_manage_remote_networks', 'list'],
      ['ke_manage_remote_networks', 'list', '--json', 'acme'],
      ['ke_manage_remote_networks', 'add', 'intruder'],
      ['ke_manage_remote_networks', 'remove', 'acme'],
      ['ke_syslog'],
      ['sh', '-c', 'id'],
    ])
      expect(await asProgram(...argv)).toMatchObject({
        exitCode: 1,
        stdout: '',
        stderr: expect.stringContaining('a password is required'),
      });
    expect(
      (await box.system.run(['ke_manage_remote_networks', 'list', '--json'], { user: 'ke-api' })).exitCode,
    ).toBe(4);
  });
});

test('when no licence authority is configured, the console shows that none is required', async () => {
  const shown = await box.ke(['ke_manage_license_key', 'show', '--json']);
  expect(JSON.parse(shown.stdout)).toMatchObject({ state: 'not-required' });
  const status = await sallyport('status', 'kiln');
  expect(status.out).toContain('No licence required');
  expect(status.out).not.toContain('L-');
  expect((await sallyport('port', 'capacity', 'kiln')).out).toContain('No licence required');
  expect((await sallyport('appliance', 'show', 'kiln')).out).toContain('No licence required');
});
