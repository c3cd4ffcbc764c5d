import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { defaultNotificationRules } from '../../src-shared/model/notifications/kinds.ts';
import { defaultProbing } from '../../src-shared/model/tunnels/probe.ts';
import { findPolicyNotice } from '../../src-shared/model/policy/policy.ts';
import { createTestServices } from '../../test-support/testConsole.ts';
import { machinePolicyPath, policyPaths, readPolicy } from './policyFile.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-policy-'));
  file = join(folder, 'policy.yaml');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = () => readPolicy([file], Date.parse('2026-11-20T09:00:00Z'));

function openConsole(text: string) {
  writeFileSync(file, text);
  const site = createTestServices({ policyFiles: [file] });
  onTestFinished(site.close);
  return site;
}

test('when the system is known, its policy file is the one that only administrators can write', () => {
  expect(machinePolicyPath('linux', {})).toBe('/etc/sallyport/policy.yaml');
  expect(machinePolicyPath('darwin', {})).toBe('/Library/Application Support/Sallyport/policy.yaml');
  expect(machinePolicyPath('win32', { ProgramData: 'D:\\Data' })).toBe('D:\\Data\\Sallyport\\policy.yaml');
  expect(policyPaths('linux', { SALLYPORT_POLICY: '/tmp/p.yaml' })).toEqual([
    '/etc/sallyport/policy.yaml',
    '/tmp/p.yaml',
  ]);
});

test('when the computer has its own policy, another file does not replace it', () => {
  const own = join(folder, 'own.yaml');
  writeFileSync(own, 'connectedWindow: forbidden\n');
  writeFileSync(file, 'connectedWindow: allowed\n');
  expect(readPolicy([own, file], 0)).toMatchObject({ path: own, connectedWindow: 'forbidden' });
  writeFileSync(own, 'broken: [\n');
  expect(readPolicy([own, file], 0)).toMatchObject({ path: own, state: 'faulty' });
  rmSync(own);
  expect(readPolicy([own, file], 0)).toMatchObject({ path: file, connectedWindow: 'allowed' });
});

test('when there is no file, nothing is locked or forbidden', () => {
  expect(read()).toEqual({
    path: file,
    state: 'absent',
    connectedWindow: 'allowed',
    locks: [],
    problems: [],
    warnings: [],
    readAt: '2026-11-20T09:00:00.000Z',
  });
});

test.each<[string, () => void, string]>([
  ['a folder', () => mkdirSync(file), 'is not a regular file'],
  [
    'a link to a file that is missing',
    () => symlinkSync(join(folder, 'gone'), file),
    'is a link that leads nowhere',
  ],
  ['a link to itself', () => symlinkSync(file, file), 'can’t be read (ELOOP)'],
  ['larger than 64 kB', () => writeFileSync(file, `#${'x'.repeat(65_536)}`), 'is larger than 65536 bytes'],
  ['binary', () => writeFileSync(file, Buffer.from([0x61, 0x3a, 0xff])), 'is not UTF-8'],
])('when the file is %s, forbids the window and says why', (_what, make, message) => {
  make();
  expect(read()).toMatchObject({
    state: 'faulty',
    connectedWindow: 'forbidden',
    problems: [{ line: null, key: '', message: expect.stringContaining(message) }],
  });
});

test('when its folder is a link that leads nowhere, forbids the window', () => {
  const linked = join(folder, 'sallyport');
  symlinkSync(join(folder, 'not-mounted'), linked);
  expect(readPolicy([join(linked, 'policy.yaml')], 0)).toMatchObject({
    state: 'faulty',
    connectedWindow: 'forbidden',
    problems: [{ message: `can’t be read: ${linked} is a link that leads nowhere` }],
  });
});

test('when the file is UTF-16, as PowerShell writes it, it is read', () => {
  writeFileSync(file, Buffer.from('\ufeffconnectedWindow: forbidden\r\n', 'utf16le'));
  expect(read()).toMatchObject({ state: 'valid', connectedWindow: 'forbidden' });
});

test.skipIf(process.platform === 'win32')(
  'when others can write the file or its folder, reports both',
  () => {
    writeFileSync(file, '{}\n');
    chmodSync(file, 0o664);
    chmodSync(folder, 0o777);
    const isRoot = process.getuid?.() === 0;
    const owner = `belongs to user ${process.getuid?.()}, not to root`;
    expect(read().warnings).toEqual([
      expect.stringContaining(isRoot ? `${file} has mode 0664` : `${file} ${owner}`),
      expect.stringContaining(isRoot ? `${folder} has mode 0777` : `${folder} ${owner}`),
    ]);
    chmodSync(file, 0o644);
    chmodSync(folder, 0o755);
    expect(read().warnings).toHaveLength(isRoot ? 0 : 2);
  },
);

const refused = (field: string) => ({
  code: 'POLICY_FORBIDS',
  message: expect.stringContaining(file),
  detail: { key: `settings.${field}`, path: file },
});

test('when settings are locked, the console uses the locks, and refuses other values with POLICY_FORBIDS', async () => {
  const { services } = openConsole(
    [
      'settings:',
      '  tunnelTests: { atOnce: 2 }',
      '  notifications: { keyDays: null }',
      '  customerMessages: { name: Fern }',
    ].join('\n'),
  );
  const { prober, notifications, customerSender, audit } = services;
  const [probing, rules] = [
    { ...defaultProbing, atOnce: 2 },
    { ...defaultNotificationRules, keyDays: null },
  ];
  expect(prober.settings()).toEqual(probing);
  expect(notifications.rules()).toEqual(rules);
  expect(customerSender.get()).toEqual({ name: 'Fern', signature: '' });

  await expect(prober.setSettings({ ...probing, atOnce: 3 })).rejects.toMatchObject(
    refused('tunnelTests.atOnce'),
  );
  await expect(notifications.setRules({ ...rules, keyDays: 90 })).rejects.toMatchObject(
    refused('notifications.keyDays'),
  );
  await expect(customerSender.set({ name: '', signature: 's' })).rejects.toMatchObject(
    refused('customerMessages.name'),
  );
  expect(customerSender.get().signature).toBe('');
  const { records } = audit.list({ before: null, limit: 10, query: 'POLICY_FORBIDS' });
  expect(records).toHaveLength(3);

  await prober.setSettings({ ...probing, everyMinutes: 9 });
  expect(prober.settings()).toEqual({ ...probing, everyMinutes: 9 });
});

test('when the window is forbidden, opening it is refused and the file is named', () => {
  const { policy } = openConsole('connectedWindow: forbidden\n').services;
  expect(policy.assertConnectedWindow).toThrow(`${file} forbids the connected window.`);
  expect(policy.get()).toMatchObject({ state: 'valid', connectedWindow: 'forbidden' });
});

test('when the file is faulty, opening the window is refused with line and key', () => {
  const site = openConsole('connectedWindow: allowed\nsettings:\n  tunnelTest: {}\n');
  expect(site.services.policy.assertConnectedWindow).toThrow(
    `${file}, line 3: settings.tunnelTest is unknown; did you mean tunnelTests?`,
  );
  expect(site.logged()).toContain('line 3: settings.tunnelTest is unknown');
});

test('when the file allows the window, opening it is not refused', () => {
  expect(openConsole('connectedWindow: allowed\n').services.policy.assertConnectedWindow).not.toThrow();
});

test('when the file changes, the next question has its new content', async () => {
  const { services } = openConsole('connectedWindow: allowed\n');
  const { policy, customerSender } = services;
  writeFileSync(file, 'connectedWindow: forbidden\nsettings:\n  customerMessages: { name: Fern }\n');
  expect(policy.assertConnectedWindow).toThrow(`${file} forbids the connected window.`);
  expect(customerSender.get()).toMatchObject({ name: 'Fern' });
  await expect(customerSender.set({ name: 'Oak', signature: '' })).rejects.toMatchObject(
    refused('customerMessages.name'),
  );
  writeFileSync(file, 'connectedWindow: allow\n');
  expect(policy.get()).toMatchObject({ state: 'faulty', problems: [{ line: 1, key: 'connectedWindow' }] });
  expect(policy.assertConnectedWindow).toThrow('forbidden until the policy file is corrected');
  rmSync(file);
  symlinkSync(join(folder, 'not-mounted'), file);
  expect(policy.get()).toMatchObject({ state: 'faulty', connectedWindow: 'forbidden' });
  rmSync(file);
  expect(policy.get()).toMatchObject({ state: 'absent', connectedWindow: 'allowed' });
  expect(policy.assertConnectedWindow).not.toThrow();
  await customerSender.set({ name: 'Oak', signature: '' });
});

test('when the file changes and nothing asks, pages hear of it within seconds', async () => {
  const { services } = openConsole('connectedWindow: allowed\n');
  const watch = services.fleet.watch(AbortSignal.timeout(20_000));
  expect((await watch.next()).value).toMatchObject({ policy: true });
  writeFileSync(file, 'connectedWindow: forbidden\n');
  let told = await watch.next();
  while (told.done !== true && !told.value.policy) told = await watch.next();
  expect(told.value).toMatchObject({ policy: true });
  await watch.return();
});

test.each([
  ['connectedWindow: allow\n', 'bad', 'line 1: connectedWindow must be allowed or forbidden'],
  ['a: 1\nb: 2\nc: 3\n', 'bad', 'There are 2 more.'],
  ['broken: [\n', 'bad', 'The connected window is forbidden until it is corrected'],
])('when the file is %j, pages get a notice', (text, severity, message) => {
  const notice = findPolicyNotice(openConsole(text).services.policy.get());
  expect(notice).toMatchObject({ severity, message: expect.stringContaining(message) });
  expect(notice?.message).toContain(file);
});

test('when the file has no problem and only root can write it, there is no notice', () => {
  const policy = openConsole('connectedWindow: forbidden\n').services.policy.get();
  expect(findPolicyNotice({ ...policy, warnings: [] })).toBeNull();
  expect(findPolicyNotice({ ...policy, warnings: ['others can change it'] })).toEqual({
    severity: 'warn',
    message: 'others can change it',
  });
});
