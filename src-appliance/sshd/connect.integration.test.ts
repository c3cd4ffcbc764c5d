import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeTenant, findTenant } from '../../test-support/remoteNetworks.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { startShoutingService, writeKey } from '../../test-support/tenantClient.ts';
import { waitFor } from '../../test-support/waitFor.ts';

const program = 'ke_manage_remote_networks';
let appliance: StockBox;
let service: Awaited<ReturnType<typeof startShoutingService>>;
let connect: ChildProcess | undefined;

beforeAll(async () => {
  appliance = await startStockBox();
  service = await startShoutingService();
});
afterAll(async () => {
  connect?.kill('SIGKILL');
  await service.stop();
  await appliance.stop();
});

const show = () => findTenant(appliance, 'acme');

describe("the kit's own Connect behind Debian's sshd", () => {
  it('when sshd restarts, reconnects with its forwards; when its tenant is suspended, ends', async () => {
    const { privateKey, ports } = await changeTenant(appliance, 'add', 'acme');
    const port = ports[0]?.first ?? 0;
    const configuration = join(appliance.folder, 'connect.yaml');
    await writeFile(
      configuration,
      `appliance: "${appliance.host}:${appliance.port}"
ssh_key: ${await writeKey(appliance, privateKey ?? '')}
repositories:
  office:
    files: "smb://127.0.0.1:${service.port}"
`,
    );
    const bundle = join(appliance.folder, 'bundle/connect.mjs');
    connect = spawn(process.execPath, [bundle, 'start', '--config', configuration], { stdio: 'ignore' });
    const ended = once(connect, 'exit');
    const isAnnounced = async () => {
      const tenant = await show();
      return tenant?.sessions[0]?.kind === 'connect' && tenant.forwards[0]?.sessionPid != null;
    };
    await waitFor('Connect has announced and opened its forward', isAnnounced);
    const tenant = await show();
    expect(tenant?.forwards).toMatchObject([
      {
        port,
        group: 'office',
        repository: 'files',
        uri: `smb://127.0.0.1:${service.port}`,
        listener: { address: '127.0.0.1', pid: tenant?.sessions[0]?.pid },
      },
    ]);
    expect(await appliance.ask(port, 'hello')).toBe('HELLO');

    const before = tenant?.sessions[0]?.pid;
    await appliance.restartSshd();
    await waitFor('Connect has come back', async () => {
      const again = await show();
      return again?.sessions[0]?.pid !== before && (await appliance.ask(port, 'back')) === 'BACK';
    });

    expect((await appliance.ke([program, 'change', '0', 'acme'])).exitCode).toBe(0);
    expect(await appliance.ask(port, 'hello')).toBeNull();
    expect((await show())?.sessions).toEqual([]);
    connect.kill('SIGTERM');
    await ended;
  });
});
