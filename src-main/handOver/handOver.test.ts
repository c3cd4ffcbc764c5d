import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ApplianceInput } from '../../src-shared/model/appliance/applianceEntry.ts';
import { createAudit, type Audit } from '../audit/audit.ts';
import { createInventory, type Inventory } from '../inventory/inventory.ts';
import { openStore, type Store } from '../store/store.ts';
import { createHandOver, type HandOverRequest } from './handOver.ts';
import { noChangeFeed } from '../../test-support/noChangeFeed.ts';
import { silentLog } from '../../test-support/silentLog.ts';

const fingerprint = (sign: string): string => `SHA256:${sign.repeat(43)}`;
const authentication = {
  agent: false,
  keyFile: '/home/op/.ssh/admin_key',
  password: false,
  keyboardInteractive: false,
};

function input(name: string, cluster = ''): ApplianceInput {
  return {
    name,
    target: { host: `${name}.mgmt.internal`, port: 2222, user: 'adminuser', authentication },
    jumps: [{ host: 'bastion.internal', port: 22, user: 'jumper', authentication }],
    sudo: 'nopasswd',
    legacyAlgorithms: false,
    group: 'secret group',
    cluster,
    description: 'in rack 7',
    tags: [],
    connect: 'always',
    colour: 'none',
  };
}

let folder: string;
let store: Store;
let inventory: Inventory;
let audit: Audit;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-hand-over-'));
  store = openStore({ folder });
  inventory = createInventory({ store, clock: () => 0, operator: 'm.ivers' });
  const actor = { operator: 'm.ivers', role: 'admin', source: 'test' };
  audit = createAudit({ log: silentLog, store, actor, clock: () => 0, changes: noChangeFeed });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function addPinned(name: string, options: { key?: string; type?: string; cluster?: string } = {}): string {
  const { key = 'a', type = 'ssh-ed25519', cluster } = options;
  const entry = inventory.add(input(name, cluster), []);
  inventory.pin(entry.target, { type, fingerprint: fingerprint(key) });
  return entry.id;
}

function make(applianceId: string, change: Partial<HandOverRequest> = {}) {
  const handOver = createHandOver({ inventory, fleet: { networks: () => [] }, audit });
  return handOver({
    applianceId,
    clientId: 'northwind',
    address: 'connect.example.com:22',
    runs: 'container',
    repositories: [{ group: 'docs', repository: 'share', uri: 'smb://files.nw.lan:445' }],
    ...change,
  });
}

function textOf(pack: ReturnType<typeof make>, name: string): string {
  return pack.files.find((file) => file.name === name)?.text ?? '';
}

test('SHA256SUMS contains the checksums that sha256sum computes', () => {
  const pack = make(addPinned('kiln-01'));
  for (const file of pack.files) writeFileSync(join(folder, file.name), file.text);
  const said = execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' });
  expect(said.trim().split('\n')).toEqual(pack.files.slice(0, -1).map(({ name }) => `${name}: OK`));
});

test('when a pack is created, the audit trail identifies it; a rejected pack is not recorded', () => {
  const id = addPinned('kiln-01');
  expect(() => make(id, { address: 'no where' })).toThrow('appliance');
  expect(audit.list({ before: null, limit: 10, query: '' }).total).toBe(0);
  const pack = make(id);
  const sums = pack.files.find((file) => file.name === 'SHA256SUMS')?.sha256 ?? '';
  const { records } = audit.list({ before: null, limit: 10, query: 'tenant.handover' });
  expect(records).toMatchObject([
    { event: 'tenant.handover', object: 'kiln-01/northwind', operator: 'm.ivers' },
  ]);
  expect(records[0]?.detail).toContain(`SHA256SUMS ${sums}`);
});

test('the archive contains the same files and is always identical', () => {
  const id = addPinned('kiln-01');
  const pack = make(id);
  expect(make(id).archive).toEqual(pack.archive);
  expect(pack.archive.name).toBe('connect-northwind.zip');
  const inside = unzipSync(Buffer.from(pack.archive.base64, 'base64'));
  expect(Object.entries(inside).map(([name, bytes]) => [name, strFromU8(bytes)])).toEqual(
    pack.files.map(({ name, text }) => [`connect-northwind/${name}`, text]),
  );
});

test.each(['container', 'service', 'openssh'] as const)(
  'when the pack is for a %s, it contains nothing about the operator’s network',
  (runs) => {
    const pack = make(addPinned('kiln-01'), { runs });
    const all = pack.files.map(({ text }) => text).join('\n');
    expect(all).not.toMatch(
      /internal|kiln-01|adminuser|jumper|bastion|admin_key|\.ssh\/admin|secret group|rack 7|m\.ivers/u,
    );
    expect(all).not.toMatch(/PRIVATE KEY-----/u);
    expect(all).not.toContain(folder);
  },
);

test.each(['container', 'service', 'openssh'] as const)(
  'when the site runs a %s, a shell can parse the command',
  (runs) => {
    const text = textOf(make(addPinned('kiln-01'), { runs }), 'run.txt');
    expect(execFileSync('sh', ['-n'], { input: text, encoding: 'utf8' })).toBe('');
  },
);

test('OpenSSH accepts the command', () => {
  const text = textOf(make(addPinned('kiln-01'), { runs: 'openssh' }), 'run.txt');
  // The pack contains no private key. The test still works, because `ssh -G` prints the settings and reads no
  // key.
  const settings = execFileSync('sh', [], {
    input: text.replace('ssh -N', 'ssh -F none -G -N').replaceAll('PORT_1', '2240'),
    encoding: 'utf8',
  });
  expect(settings).toContain('user connect\n');
  expect(settings).toContain('hostname connect.example.com\n');
  expect(settings).toContain('remoteforward [127.0.0.1]:2240 [files.nw.lan]:445\n');
  expect(settings).toContain('exitonforwardfailure yes\n');
});

test('pins the host key of the appliance, because operator and tenants use the same sshd', () => {
  expect(textOf(make(addPinned('kiln-01')), 'connect.yaml')).toContain(`host_key: "${fingerprint('a')}"`);
});

test('when another host key may answer, pins none', () => {
  const ecdsa = addPinned('kiln-01', { type: 'ecdsa-sha2-nistp256' });
  expect(textOf(make(ecdsa), 'connect.yaml')).toContain('# host_key:');
  const first = addPinned('quay-01', { cluster: 'quay' });
  addPinned('quay-02', { cluster: 'quay', key: 'b' });
  expect(textOf(make(first), 'connect.yaml')).not.toContain(fingerprint('a'));
  const same = addPinned('mill-01', { cluster: 'mill', key: 'c' });
  addPinned('mill-02', { cluster: 'mill', key: 'c' });
  expect(textOf(make(same), 'connect.yaml')).toContain(fingerprint('c'));
});

test('rejects an invalid site in one line with its code', () => {
  const id = addPinned('kiln-01');
  expect(() => make(id, { address: 'connect.example.com' })).toThrow('appliance: the port is missing');
  expect(() => make(id, { repositories: [{ group: 'g', repository: 'r', uri: 'webdav://x:80' }] })).toThrow(
    'repositories.g.r: webdav speaks several protocols; write webdav+http:// or webdav+https:// (C-1303).',
  );
  expect(() => make('00000000-0000-4000-8000-000000000009')).toThrow('There is no such appliance.');
});
