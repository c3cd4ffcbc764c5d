import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminTarget } from '../../test-support/applianceInput.ts';
import { expectWithin } from '../../test-support/expectWithin.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { createHandshakes } from '../ssh/session/handshakes.ts';
import { createSession } from '../ssh/session/session.ts';
import { createSsh2Transport } from '../ssh/transport/ssh2Transport.ts';
import type { Session } from '../ssh/types.ts';
import { createDriver, type Driver } from './driver.ts';
import { buildTenantCommand } from './tenantCommands.ts';

const addTwice = (unchangedSince: string | null) =>
  buildTenantCommand({
    verb: 'add',
    clientId: 'twice',
    publicKeyPath: null,
    replace: false,
    overlapHours: null,
    unchangedSince,
  });

let appliance: StockBox;
let session: Session;
let driver: Driver;

beforeAll(async () => {
  appliance = await startStockBox({ licence: {} });
  session = createSession({
    transport: createSsh2Transport({ agentPath: null }),
    target: adminTarget(appliance),
    jumps: [],
    sudo: appliance.sudo,
    verifyHostKey: () => Promise.resolve(),
    askSecret: () => Promise.resolve(null),
    handshakes: createHandshakes(),
  });
  driver = createDriver(session, { sudo: appliance.sudo });
  session.want();
  await session.ready(60_000);
});

afterAll(async () => {
  session.release();
  await appliance.stop();
});

describe('the kit behind a real sshd, through the driver', () => {
  test('returns its status', async () => {
    const status = await driver.status();
    expect(status.identity.id).toBe(appliance.config.applianceId);
    expect(status.versions.appliance).toBe(appliance.config.applianceVersion);
  });

  test('lists all tenants or one, and rejects an unknown tenant with NOT_FOUND', async () => {
    const added = await appliance.ke(['ke_manage_remote_networks', 'add', 'acme']);
    expect(added.exitCode).toBe(0);
    const { tenants } = await driver.remoteNetworks();
    expect(tenants.map(({ clientId, quota }) => [clientId, quota])).toEqual([['acme', 20]]);
    expect((await driver.remoteNetworks('acme')).tenants).toEqual(tenants);
    await expect(driver.remoteNetworks('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('when a new tenant already exists, rejects the change; otherwise adds a second key', async () => {
    await appliance.ke(['ke_manage_remote_networks', 'add', 'twice']);
    await expect(driver.changeTenant(addTwice('none'))).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(await driver.changeTenant(addTwice(null))).toMatchObject({
      action: 'key-added',
      validKeys: 2,
    });
  });

  test('returns its licence', async () => {
    await appliance.installLicence(null);
    expect(await driver.licence()).toMatchObject({ state: 'missing', expiresAt: null });
  });

  test('sends a log line as soon as it is written', async () => {
    await appliance.logger('before');
    const tail = await driver.syslogTail({ path: '/var/log/syslog', lines: 10 });
    tail.stderr.resume();
    let text = '';
    tail.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await waitFor('the first line', () => text.includes('before'));
    const line = '<script>alert(1)</script> through the driver';
    await appliance.logger(line);
    await expectWithin(10_000, () => waitFor('the line', () => text.includes(line)));
    expect(text).toContain(line);
    tail.kill();
    await tail.exited;
  });
});
