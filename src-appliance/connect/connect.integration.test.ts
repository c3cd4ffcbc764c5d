import { once } from 'node:events';
import { cp, mkdir, readFile, symlink, unlink, writeFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createConnectSite, type ConnectSite } from '../../test-support/connectSite.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { startShoutingService } from '../../test-support/tenantClient.ts';
import { waitFor } from '../../test-support/waitFor.ts';

const command = 'ke_manage_remote_networks';
const clientId = 'northwind';
let appliance: StockBox;
let service: Awaited<ReturnType<typeof startShoutingService>>;
let site: ConnectSite;

beforeAll(async () => {
  appliance = await startStockBox();
  service = await startShoutingService();
});
afterAll(async () => {
  await service.stop();
  await appliance.stop();
});
beforeEach(async () => {
  site = await createConnectSite(appliance, { clientId, upstreamPort: service.port });
});
afterEach(() => site.clear());

const port = (index: number): number => site.ports[index] ?? 0;
const flows = async (index: number): Promise<boolean> =>
  (await appliance.ask(port(index), 'hello')) === 'HELLO';

async function shout(socket: Duplex, word: string): Promise<string> {
  socket.write(word);
  const [answer] = await once(socket, 'data');
  return String(answer);
}

describe("Connect behind Debian's sshd", () => {
  it('opens and announces its forwards sorted by name, and carries data', async () => {
    await site.configure(['west', 'east']);
    const connected = site.connect();
    await site.waitUntilForwarded(['east', 'west']);
    expect((await site.tenant()).sessions).toMatchObject([
      { kind: 'connect', connectVersion: '1.0.3', silentSince: null },
    ]);
    expect(await Promise.all([0, 1].map(flows))).toStrictEqual([true, true]);
    connected.process.kill('SIGTERM');
    expect(await connected.ended).toBe(0);
    await waitFor('the session is gone', async () => (await site.tenant()).sessions.length === 0);
    expect(await flows(0)).toBe(false);
    const known = await readFile(join(site.folder, 'connect.host_keys'), 'utf8');
    expect(known).toBe(`${appliance.host}:${appliance.port} ${appliance.hostKey().fingerprint}\n`);
  });

  it('when it reloads, keeps connections of unchanged forwards', async () => {
    await site.configure(['east', 'west']);
    const connected = site.connect();
    await site.waitUntilForwarded(['east', 'west']);
    const socket = appliance.connect(port(1));
    expect(await shout(socket, 'before')).toBe('BEFORE');
    // `middle` comes before `west` in the alphabet but must not take its port, nor the port of `east`, which is
    // removed.
    await site.configure(['middle', 'west']);
    connected.process.kill('SIGHUP');
    await site.waitUntilForwarded([null, 'west', 'middle']);
    expect(await shout(socket, 'after')).toBe('AFTER');
    await writeFile(site.config, 'appliance: nothing');
    connected.process.kill('SIGHUP');
    await waitFor('the refusal', () => connected.output().includes('reload failed, nothing changed'));
    expect(await shout(socket, 'still')).toBe('STILL');
    socket.destroy();
  });

  it('when it moves to another computer, every repository keeps its port until the tenant is removed', async () => {
    await site.configure(['east', 'west']);
    const before = site.connect();
    await site.waitUntilForwarded(['east', 'west']);
    await site.configure(['added', 'west']);
    before.process.kill('SIGHUP');
    await site.waitUntilForwarded([null, 'west', 'added']);
    before.process.kill('SIGKILL');
    await site.configure(['added', 'before', 'east', 'west']);
    const elsewhere = join(site.folder, 'elsewhere');
    await mkdir(elsewhere);
    for (const file of ['connect.yaml', 'key']) await cp(join(site.folder, file), join(elsewhere, file));
    site.connect('start', '--config', join(elsewhere, 'connect.yaml'));
    await site.waitUntilForwarded(['east', 'west', 'added', 'before']);
    await site.clear();
    site = await createConnectSite(appliance, { clientId, upstreamPort: service.port });
    await site.configure(['added', 'before']);
    site.connect();
    await site.waitUntilForwarded(['added', 'before']);
    expect(await flows(1)).toBe(true);
  });

  it('when it is refused repeatedly, ends with its own exit code; when resumed, works again', async () => {
    await site.configure(['east']);
    const connected = site.connect();
    await site.waitUntilForwarded(['east']);
    await appliance.ke([command, 'change', '0', clientId]);
    // This key was accepted before, so Connect retries three times before it ends.
    expect(await connected.ended).toBe(4);
    expect(connected.output().match(/permission denied/gu)).toHaveLength(4);
    expect((await site.tenant()).sessions).toStrictEqual([]);
    const refused = site.connect();
    expect(await refused.ended).toBe(4);
    expect(refused.output().match(/permission denied/gu)).toHaveLength(1);
    await appliance.ke([command, 'change', '20', clientId]);
    site.connect();
    await site.waitUntilForwarded(['east']);
    expect(await flows(0)).toBe(true);
  });

  it('when its key is unknown to the appliance, ends at once', async () => {
    await site.configure(['east']);
    await appliance.ke([command, 'add', clientId, '-f', '--json']);
    const removed = site.connect();
    expect(await removed.ended).toBe(4);
    expect(removed.output()).toContain('permission denied');
  });

  it('when its allotment grows, logs in again', async () => {
    await appliance.ke([command, 'change', '1', clientId]);
    await site.configure(['east', 'west']);
    const connected = site.connect();
    await site.waitUntilForwarded(['east']);
    await waitFor('it says what lacks', () => connected.output().includes('no port left for plant/west'));
    await appliance.ke([command, 'change', '2', clientId]);
    await site.waitUntilForwarded(['east', 'west']);
    await waitFor('it says why', () => connected.output().includes('the tenant got more ports'));
    expect(await flows(1)).toBe(true);
  });

  it('when its log cannot be written, keeps its tunnels, and reopens the log on SIGHUP', async () => {
    const log = join(site.folder, 'connect.log');
    await site.configure(['east']);
    await symlink('/dev/full', log);
    const connected = site.connect('start', '--config', site.config, '--log-file', log);
    await site.waitUntilForwarded(['east']);
    await unlink(log);
    connected.process.kill('SIGHUP');
    await waitFor('the new log has a line', async () =>
      (await readFile(log, 'utf8').catch(() => '')).includes('configuration reloaded'),
    );
    expect(await flows(0)).toBe(true);
    expect(connected.process.exitCode).toBeNull();
  });

  it('when sshd restarts, reconnects', async () => {
    await site.configure(['east']);
    site.connect();
    await site.waitUntilForwarded(['east']);
    await appliance.restartSshd();
    await site.waitUntilForwarded(['east']);
    expect(await flows(0)).toBe(true);
  });

  it('when the appliance has another host key, sends nothing to it', async () => {
    const pinned = `SHA256:${'A'.repeat(43)}`;
    await site.configure(['east'], { host_key: pinned });
    const connected = site.connect();
    expect(await connected.ended).toBe(7);
    expect(connected.output()).toContain(
      `does not match host_key in connect.yaml: offered ${appliance.hostKey().fingerprint}, pinned ${pinned}`,
    );
    expect((await site.tenant()).sessions).toStrictEqual([]);
  });

  it('stores the host key of the first connection', async () => {
    await site.configure(['east']);
    const first = site.connect();
    await site.waitUntilForwarded(['east']);
    first.process.kill('SIGTERM');
    await first.ended;
    await appliance.rotateHostKey();
    const second = site.connect();
    expect(await second.ended).toBe(7);
    expect(second.output()).toMatch(/the host key of \S+ changed: .* from \S+\/connect\.host_keys;/u);
  });
});
