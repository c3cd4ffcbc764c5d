import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listNetworks } from '../../test-support/remoteNetworks.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { generateKeyPair } from '../core/tenants/keyPair.ts';

const program = 'ke_manage_remote_networks';
const { type, blob, fingerprint } = generateKeyPair('').publicKey;
const line = `${type} ${blob}\n`;
let box: StockBox;

beforeAll(async () => {
  box = await startStockBox();
  const write = (path: string, mode: string) =>
    box.system.mustRun(['sh', '-c', `cat >${path}; chmod ${mode} ${path}`], { stdin: line });
  // Add and remove a tenant, so that the file of tenants exists.
  await box.ke([program, 'add', 'acme']);
  await box.ke([program, 'remove', 'acme']);
  await write('/root/secret.pub', '0600');
  await write('/home/ubuntu/key.pub', '0644');
  await box.system.mustRun(['chmod', '0700', '/root']);
  await box.system.mustRun(['mkfifo', '-m', '0644', '/home/ubuntu/fifo']);
});
afterAll(() => box.stop());

const add = (path: string, stdin = '') =>
  box.ke([program, 'add', 'acme', '--pub-key', path, '--json'], { stdin });

describe('a key file is opened with the rights of the user who called sudo', () => {
  test.each([
    ['the shadow file', '/etc/shadow', 'EACCES'],
    ["a key in root's folder", '/root/secret.pub', 'EACCES'],
    ["a file that is absent in root's folder", '/root/absent.pub', 'EACCES'],
    ["the kit's tenants", '/var/lib/sallyport/tenants.json', 'EACCES'],
    ['a file that is absent', '/home/ubuntu/absent.pub', 'ENOENT'],
    ["root's folder", '/root', 'EACCES'],
    ['a folder', '/home/ubuntu', 'not a regular file'],
    ['a pipe', '/home/ubuntu/fifo', 'not a regular file'],
    ['an endless device', '/dev/zero', 'not a regular file'],
    ['memory', '/proc/self/mem', 'EACCES'],
    ['a file that contains no key', '/etc/passwd', 'it has more than one line'],
  ])('rejects %s with INVALID_INPUT and changes nothing', async (_what, path, reason) => {
    const { exitCode, stdout, stderr } = await add(path);
    expect([exitCode, stdout, stderr]).toEqual([
      2,
      '',
      expect.stringMatching(new RegExp(`^${program}: INVALID_INPUT: [^\\n]*${reason}[^\\n]*\\n$`, 'u')),
    ]);
    expect((await listNetworks(box)).tenants).toEqual([]);
  });

  test.each([
    ['a file that the user may read', '/home/ubuntu/key.pub', ''],
    ['stdin', '-', line],
    ['the path of stdin', '/dev/stdin', line],
  ])('accepts a key from %s', async (_what, path, stdin) => {
    const { exitCode, stdout, stderr } = await add(path, stdin);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ action: 'added', fingerprint });
    await box.ke([program, 'remove', 'acme']);
  });

  test('when root runs it without sudo, reads every file that root may read', async () => {
    const { exitCode } = await box.system.run([program, 'add', 'acme', '--pub-key', '/root/secret.pub']);
    expect(exitCode).toBe(0);
    await box.ke([program, 'remove', 'acme']);
  });
});
