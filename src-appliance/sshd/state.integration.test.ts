import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applianceStatusSchema } from '../../src-shared/model/appliance/applianceStatus.ts';
import { licenceShowOutputSchema } from '../../src-shared/model/licence/licence.ts';
import { tenantChangeSchema, type TenantChange } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { listPorts } from '../../src-shared/model/tenants/ports.ts';
import { filesHolding, secretLinesOf } from '../../test-support/filesHolding.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { changeTenant, listNetworks } from '../../test-support/remoteNetworks.ts';
import { killTree } from '../../test-support/processTree.ts';
import { waitFor } from '../../test-support/waitFor.ts';

const run = promisify(execFile);
const program = 'ke_manage_remote_networks';
let appliance: StockBox;

beforeAll(async () => {
  appliance = await startStockBox({ licence: {} });
});
afterAll(() => appliance.stop());

/** The content of the state file. Empty before the first change. */
async function state(): Promise<string> {
  const path = join(appliance.config.stateFolder, 'tenants.json');
  return existsSync(path) ? readFile(path, 'utf8') : '';
}

const list = () => listNetworks(appliance);

async function makeKey(...options: string[]): Promise<string> {
  const path = join(appliance.folder, `key-${Math.random().toString(36).slice(2)}`);
  await run('ssh-keygen', ['-q', '-N', '', '-C', 'someone@somewhere', '-f', path, ...options]);
  return `${path}.pub`;
}

async function file(content: string): Promise<string> {
  const path = join(appliance.folder, `file-${Math.random().toString(36).slice(2)}`);
  await writeFile(path, content);
  return path;
}

describe('the state of an appliance', () => {
  it('when 20 tenants are added in parallel, contains no port twice', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `parallel-${index}`);
    // A command gives up the lock after 10 s, which a busy computer needs for fewer than 20 of them.
    const add = async (name: string): Promise<TenantChange> => {
      const { exitCode, stdout, stderr } = await appliance.ke([program, 'add', name, '--json']);
      if (exitCode === 5 && stderr.includes('BUSY')) return add(name);
      expect({ name, exitCode, stderr }).toEqual({ name, exitCode: 0, stderr: '' });
      return tenantChangeSchema.parse(JSON.parse(stdout));
    };
    const changes = await Promise.all(names.map(add));
    const ports = changes.flatMap((change) => listPorts(change.ports)).toSorted((a, b) => a - b);
    expect(ports).toEqual(Array.from({ length: 400 }, (_, index) => 2200 + index));
    const { tenants } = await list();
    expect(tenants.map((tenant) => tenant.clientId)).toEqual(names.toSorted());
  });

  it('when an add is killed at any time, stays consistent', async () => {
    const before = (await list()).tenants.map((tenant) => tenant.clientId);
    const begun = performance.now();
    expect((await appliance.ke([program, 'add', 'measured', '--json'])).exitCode).toBe(0);
    const duration = performance.now() - begun;
    before.push('measured');
    const attempts = Array.from({ length: 40 }, (_, index) => `killed-${index}`);
    const confirmed: string[] = [];
    for (const [index, name] of attempts.entries()) {
      const add = appliance.startKe([program, 'add', name, '--json']);
      let printed = '';
      add.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
      const ended = once(add, 'close');
      // Kill the runs at different times from start to after the end. Never kill the last run before its end,
      // because at least one run must complete, even on a slower computer.
      const isLast = index === attempts.length - 1;
      await (isLast ? ended : Promise.race([delay((index / attempts.length) * duration * 2), ended]));
      await killTree(add);
      await ended;
      if (printed.endsWith('\n')) confirmed.push(name);
      expect(() => JSON.parse(printed || '{}')).not.toThrow();
      JSON.parse((await state()) || '{}');
    }
    const { tenants } = await list();
    const names = tenants.map((tenant) => tenant.clientId);
    expect(names).toEqual(expect.arrayContaining([...before, ...confirmed]));
    expect(names.filter((name) => !before.includes(name) && !attempts.includes(name))).toEqual([]);
    // Some runs were killed before they confirmed the change, and some after.
    expect(confirmed.length).toBeGreaterThan(0);
    expect(confirmed.length).toBeLessThan(attempts.length);
    const ports = tenants.flatMap((tenant) => listPorts(tenant.ports));
    expect(new Set(ports).size).toBe(ports.length);
    // The killed process left no lock. The next change deletes its temporary files.
    expect((await appliance.ke([program, 'remove', before[0] ?? ''])).exitCode).toBe(0);
    // The observer may be writing a file of its own.
    await waitFor('no temporary file is left', async () =>
      (await readdir(appliance.config.stateFolder)).every((name) => !name.endsWith('.new')),
    );
  });

  it('when a tenant exists, accepts more keys without -f, up to five', async () => {
    for (let count = 1; count <= 5; count += 1) {
      const added = await appliance.ke([program, 'add', 'twice']);
      expect(added).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^-----BEGIN/u) });
      expect(added.stderr).toBe(
        count === 1
          ? ''
          : `${program}: twice already exists. The new key was added to its existing keys, which makes ${count} valid keys (at most 5). To replace the old keys, add -f.\n`,
      );
    }
    const before = await state();
    expect(await appliance.ke([program, 'add', 'twice'])).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: expect.stringContaining('TOO_MANY_KEYS'),
    });
    expect(await state()).toBe(before);
    expect((await appliance.ke([program, 'add', 'twice', '-f'])).exitCode).toBe(0);
  });

  it('accepts public keys of every supported type and stores nothing but the key', async () => {
    const kinds = [
      ['-t', 'ed25519'],
      ['-t', 'ecdsa', '-b', '256'],
      ['-t', 'ecdsa', '-b', '384'],
      ['-t', 'ecdsa', '-b', '521'],
      ['-t', 'rsa', '-b', '2048'],
    ];
    for (const [index, kind] of kinds.entries()) {
      const path = await makeKey(...kind);
      const { stdout } = await run('ssh-keygen', ['-l', '-f', path]);
      const change = await changeTenant(appliance, 'add', `kind-${index}`, '--pub-key', path);
      expect(change).toMatchObject({ action: 'added', fingerprint: stdout.split(' ')[1] });
      expect(change).not.toHaveProperty('privateKey');
    }
    expect(await state()).not.toContain('someone@somewhere');
  });

  it('rejects anything but exactly one supported key, and changes nothing', async () => {
    const good = await readFile(await makeKey('-t', 'ed25519'), 'utf8');
    const other = await readFile(await makeKey('-t', 'ed25519'), 'utf8');
    const small = await readFile(await makeKey('-t', 'rsa', '-b', '1024'), 'utf8');
    const [type = '', blob = ''] = good.split(' ');
    const contents = {
      empty: '',
      prose: 'this is not a key\n',
      'two keys': `${good}${other}`,
      options: `command="/bin/sh" ${good}`,
      'a line in front': `# a comment\n${good}`,
      'another line of authorized_keys behind a carriage return': `${good.trim()}\rssh-ed25519 AAAA`,
      'a private key': await readFile(appliance.adminKeyFile, 'utf8'),
      'a small key': small,
      'a damaged key': `${type} ${blob.slice(0, -8)}\n`,
      'another type in front': `ssh-rsa ${blob}\n`,
      huge: good + ' '.repeat(1 << 20),
      nul: `${good.trim()}\0\n`,
    };
    const before = await state();
    for (const content of Object.values(contents)) {
      const result = await appliance.ke([program, 'add', 'newcomer', '--pub-key', await file(content)]);
      expect(result).toMatchObject({ exitCode: 2, stdout: '' });
      expect(result.stderr).toMatch(/^ke_manage_remote_networks: INVALID_INPUT: [^\n]+\n$/);
    }
    await run('mkfifo', [join(appliance.folder, 'fifo')]);
    for (const path of ['/nowhere', '/', '/dev/zero', join(appliance.folder, 'fifo')])
      expect((await appliance.ke([program, 'add', 'newcomer', '--pub-key', path])).exitCode).toBe(2);
    expect(await state()).toBe(before);
  });

  it('rejects a key of another tenant', async () => {
    const path = await makeKey('-t', 'ed25519');
    expect((await appliance.ke([program, 'add', 'owner', '--pub-key', path])).exitCode).toBe(0);
    const before = await state();
    const second = await appliance.ke([program, 'add', 'thief', '--pub-key', path]);
    expect(second).toMatchObject({ exitCode: 3, stdout: '' });
    expect(await state()).toBe(before);
  });

  it.each([
    [[], 2],
    [['grow'], 2],
    [['add'], 2],
    [['add', 'UPPER'], 2],
    [['add', '../etc'], 2],
    [['add', 'a', 'b'], 2],
    [['add', 'a', '--pub-key'], 2],
    [['add', 'a', '--unknown'], 2],
    [['add', 'a', '-f', '-f'], 2],
    [['change', 'twice', '20'], 2],
    [['change', '-1', 'twice'], 2],
    [['change', '1e2', 'twice'], 2],
    [['change', '3001', 'twice'], 2],
    [['change', '020', 'twice'], 2],
    [['change', '5', 'nobody'], 3],
    [['remove', 'nobody'], 3],
    [['list', 'nobody'], 3],
  ])('rejects %j with exit code %i, one line and no change', async (words, exitCode) => {
    const before = await state();
    const result = await appliance.ke([program, ...words]);
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(result.stderr).toMatch(/^ke_manage_remote_networks: [A-Z_]+: [^\n]+\n$/);
    expect(await state()).toBe(before);
  });

  it('prints a private key that ssh-keygen reads and that is stored nowhere else', async () => {
    const begun = Date.now();
    const { stdout } = await appliance.ke([program, 'add', 'secret']);
    const path = await file(stdout);
    await run('chmod', ['600', path]);
    const derived = await run('ssh-keygen', ['-y', '-f', path]);
    const { tenants } = await list();
    const fingerprint = tenants.find((tenant) => tenant.clientId === 'secret')?.keys[0]?.fingerprint;
    const shown = await run('ssh-keygen', ['-l', '-f', await file(derived.stdout)]);
    expect(shown.stdout).toContain(fingerprint);
    await run('rm', [path]);
    const lines = secretLinesOf(stdout);
    const places = [appliance.folder, ...appliance.sharedPlaces];
    const planted = await file(stdout);
    expect(await filesHolding(places, lines, begun)).toEqual([planted]);
    await rm(planted);
    // A rotation also generates a key, with and without an overlap.
    const overlapping = await appliance.ke([program, 'add', 'secret', '-f', '--overlap', '1']);
    const replacing = await appliance.ke([program, 'add', 'secret', '-f']);
    const rotated = [overlapping, replacing].flatMap((one) => secretLinesOf(one.stdout));
    expect(await filesHolding(places, [...lines, ...rotated], begun)).toEqual([]);
  });

  it('logs every change and refusal with its caller, and no key material', async () => {
    const { fingerprint } = await changeTenant(appliance, 'add', 'logged');
    await appliance.ke([program, 'add', 'logged', '--unchanged-since', 'none']);
    await appliance.ke([program, 'change', '0', 'logged']);
    await appliance.ke([program, 'remove', 'logged']);
    const expected = [
      `added logged (add logged) by `,
      `key ${fingerprint ?? 'missing'}`,
      'refused add logged by ',
      'suspended logged (change 0 logged)',
      'removed logged (remove logged)',
    ];
    await waitFor('all five are in the syslog', async () => {
      const log = await readFile(appliance.syslogFile, 'utf8');
      return expected.every((text) => log.includes(text));
    });
    expect(await readFile(appliance.syslogFile, 'utf8')).not.toContain('PRIVATE KEY');
  });

  it('when another command holds the lock, rejects with BUSY and changes nothing', async () => {
    const before = await state();
    const lock = join(appliance.config.stateFolder, 'lock');
    const holder = spawn('flock', [lock, 'sh', '-c', 'echo held; read _'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    await once(holder.stdout, 'data');
    const result = await appliance.ke([program, 'add', 'patient']);
    expect(result).toMatchObject({ exitCode: 5, stdout: '' });
    expect(result.stderr).toContain('BUSY');
    holder.stdin.end('\n');
    await once(holder, 'close');
    expect(await state()).toBe(before);
    expect((await appliance.ke([program, 'add', 'patient'])).exitCode).toBe(0);
  });

  it('when the disk is full, says so and keeps the old state', async () => {
    const folder = appliance.config.stateFolder;
    const inside = '/var/lib/sallyport';
    const kept = JSON.stringify({ format: 1, tenants: [] });
    const licence = await readFile(join(folder, 'licence.jws'));
    const signalObserver = (signal: string) =>
      appliance.system.mustRun(['pkill', `-${signal}`, '--pidfile', '/run/sallyport-observer.pid']);
    // It would write the mark of the clock into the new folder.
    await signalObserver('STOP');
    await appliance.system.mustRun(['mount', '-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', inside]);
    try {
      await writeFile(join(folder, 'tenants.json'), kept);
      await writeFile(join(folder, 'licence.jws'), licence);
      await writeFile(join(folder, 'lock'), '');
      await writeFile(join(folder, 'ballast'), Buffer.alloc(16 * 1024)).catch(() => undefined);
      expect(await appliance.ke([program, 'add', 'acme'])).toMatchObject({
        exitCode: 1,
        stdout: '',
        stderr: expect.stringContaining('the disk is full'),
      });
      expect(await readFile(join(folder, 'tenants.json'), 'utf8')).toBe(kept);
      expect((await readdir(folder)).toSorted()).toEqual(['ballast', 'licence.jws', 'lock', 'tenants.json']);
    } finally {
      await appliance.system.mustRun(['umount', inside]);
      await signalObserver('CONT');
    }
  });

  it('rejects changes by a user without rights, who can still see the status', async () => {
    const unprivileged = (...words: string[]) => appliance.system.run(words, { user: appliance.adminUser });
    const before = await state();
    for (const words of [['list'], ['add', 'intruder'], ['change', '0', 'twice'], ['remove', 'twice']])
      expect(await unprivileged(program, ...words)).toMatchObject({ exitCode: 4, stdout: '' });
    expect(await state()).toBe(before);
    const status = await unprivileged('ke_status', '--json');
    expect(status.exitCode).toBe(0);
    expect(applianceStatusSchema.parse(JSON.parse(status.stdout)).identity.id).toBe(
      appliance.config.applianceId,
    );
  });
});

async function showLicence() {
  const result = await appliance.ke(['ke_manage_license_key', 'show', '--json']);
  expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  return licenceShowOutputSchema.parse(JSON.parse(result.stdout));
}

describe('the licence of an appliance', () => {
  const day = 86_400_000;
  const at = (days: number) => new Date(Date.now() + days * day).toISOString();

  it('is evaluated if the authority signed it', async () => {
    await appliance.installLicence({});
    expect(await showLicence()).toMatchObject({ state: 'valid', key: 'SALLY-•••••-•••••-PORT1' });
    await appliance.installLicence({ expiresAt: at(5) });
    expect((await showLicence()).state).toBe('expiring');
    await appliance.installLicence({ expiresAt: at(-5) });
    expect((await showLicence()).state).toBe('grace');
    await appliance.installLicence({ applianceId: '00000000-0000-4000-8000-000000000000' });
    expect(await showLicence()).toMatchObject({ state: 'unverifiable', key: null });
    await appliance.installLicence(null);
    expect(await showLicence()).toMatchObject({ state: 'missing', key: null });
    await appliance.installLicence({});
    const path = join(appliance.config.stateFolder, 'licence.jws');
    const [header, payload, signature] = (await readFile(path, 'utf8')).split('.');
    const forged = Buffer.from(payload ?? '', 'base64url')
      .toString()
      .replace('"accounts":100', '"accounts":999');
    await writeFile(path, [header, Buffer.from(forged).toString('base64url'), signature].join('.'));
    expect(await showLicence()).toMatchObject({
      state: 'unverifiable',
      reason: 'the signature does not match the file',
      entitlements: null,
    });
  });

  it('when expired, forbids adding tenants and raising quotas, and nothing else', async () => {
    await appliance.installLicence({});
    await appliance.ke([program, 'add', 'expiring']);
    await appliance.installLicence({ expiresAt: at(-30) });
    expect((await showLicence()).state).toBe('expired');
    const before = await state();
    expect((await appliance.ke([program, 'add', 'latecomer'])).exitCode).toBe(6);
    expect((await appliance.ke([program, 'change', '21', 'expiring'])).exitCode).toBe(6);
    expect(await state()).toBe(before);
    expect((await appliance.ke([program, 'change', '0', 'expiring'])).exitCode).toBe(0);
    expect((await appliance.ke([program, 'change', '20', 'expiring'])).exitCode).toBe(0);
    expect((await appliance.ke([program, 'remove', 'expiring'])).exitCode).toBe(0);
    await appliance.installLicence({});
  });

  it('when the clock ran backwards, is not evaluated by it', async () => {
    await appliance.installLicence({ expiresAt: at(10), graceDays: 0 });
    const clock = join(appliance.config.stateFolder, 'clock.json');
    const later = at(20);
    await writeFile(clock, JSON.stringify({ format: 1, highWater: later }));
    expect(await showLicence()).toMatchObject({ state: 'expired', clockRanBackFrom: later });
    const status = await appliance.ke(['ke_status', '--json']);
    expect(applianceStatusSchema.parse(JSON.parse(status.stdout)).clock.ranBackFrom).toBe(later);
    await writeFile(clock, JSON.stringify({ format: 1, highWater: at(0) }));
    await appliance.installLicence({});
  });

  it('when the clock record is damaged, is not evaluated by it, and the status reports the damage', async () => {
    await appliance.installLicence({});
    const clock = join(appliance.config.stateFolder, 'clock.json');
    await writeFile(clock, '{"format":1,');
    expect(await showLicence()).toMatchObject({
      state: 'unverifiable',
      reason: expect.stringContaining('/var/lib/sallyport/clock.json is damaged'),
    });
    const status = await appliance.ke(['ke_status', '--json']);
    expect(applianceStatusSchema.parse(JSON.parse(status.stdout)).findings).toContainEqual({
      name: 'clock record',
      detail: expect.stringContaining('is damaged'),
    });
    expect(await readFile(clock, 'utf8')).toBe('{"format":1,');
    await rm(clock);
    expect((await showLicence()).state).toBe('valid');
  });
});
