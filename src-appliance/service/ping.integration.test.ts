import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { statementListSchema } from '../../src-shared/model/usage/usageStatement.ts';
import { makeSelfSigned } from '../../test-support/selfSigned.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { startAuthorityService } from '../authority/service/service.ts';
import { createAuthority, type Authority } from '../authority/store/authority.ts';
import { defaultContract } from '../authority/store/contract.ts';

const authorityName = 'licences.example';
const configPath = '/etc/sallyport/appliance.json';
const recordPath = '/var/lib/sallyport/pings.json';
let box: StockBox;
let authority: Authority;
let licenceKey: string;
let service: Awaited<ReturnType<typeof startAuthorityService>>;

beforeAll(async () => {
  box = await startStockBox();
  const tls = makeSelfSigned(authorityName);
  await writeFile(box.system.path('/etc/sallyport/authority-ca.pem'), tls.cert);
  await box.system.mustRun(['sh', '-c', `echo '${box.near[0]} ${authorityName}' >>/etc/hosts`]);
  authority = createAuthority({ folder: join(box.folder, 'authority') });
  const contract = { ...defaultContract, minVersion: '1.0.0' };
  ({ licenceKey } = authority.appliances.add({ id: box.config.applianceId, name: 'hq', contract }));
  await writeFile(
    box.system.path('/etc/sallyport/authority.jwks'),
    JSON.stringify(authority.keys.exportSet()),
  );
  service = await startAuthorityService({ authority, host: box.near[0], port: 0, ...tls });
  await box.system.mustRun(['ke_manage_license_key', 'set', licenceKey]);
});
afterAll(async () => {
  await service.close();
  authority.close();
  await box.stop();
});

const due = { triedAt: null, sentAt: null, failures: 0, problem: null, nextAt: '2026-01-01T00:00:00.000Z' };

/** Changes the settings and restarts the service. The next ping is due at once if it was planned before. */
async function restartWith(settings: { url: string; mode: 'connected' | 'offline' }): Promise<void> {
  const path = box.system.path(configPath);
  const config: object = JSON.parse(await readFile(path, 'utf8'));
  const own = { ...settings, caFile: '/etc/sallyport/authority-ca.pem' };
  await writeFile(path, JSON.stringify({ ...config, authority: own }));
  await writeFile(box.system.path(recordPath), JSON.stringify({ format: 1, ...due }), { mode: 0o644 });
  await box.system.mustRun(['service', 'sallyport', 'restart']);
}
const urlOf = (port: number | string) => `https://${authorityName}:${port}`;
const lastMonth = (now: Date) =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1)).toISOString().slice(0, 7);
const remains = async (pattern: string) => (await box.system.run(['pgrep', '-f', pattern])).exitCode === 0;
const pings = () => authority.reports.pingsOf(box.config.applianceId);

describe('the schedule of licence pings', () => {
  it('when the appliance is connected, the service pings without any command', async () => {
    await restartWith({ url: urlOf(new URL(service.url).port), mode: 'connected' });
    await waitFor('a ping arrives', async () => pings().length > 0);
    expect(pings().map(({ content }) => content)).toMatchObject([
      { version: box.config.applianceVersion, privateIp: box.host, publicIp: null, licenceKey },
    ]);
    const status = () => box.system.mustRun(['ke_status']);
    await waitFor('the status says so', async () => /^Pings +last sent /mu.test(await status()));
    const readLog = () => readFile(box.syslogFile, 'utf8');
    await waitFor('the log says so', async () => (await readLog()).includes('"licenceKey":"'));
    expect(await readLog()).not.toContain(licenceKey);
    const unprivileged = await box.system.run(['ke_status'], { user: box.adminUser });
    expect(unprivileged.stdout).toMatch(/^Pings +last sent /mu);
  });

  it('when the appliance has accounts, the service states the month that is over, and sends it', async () => {
    const begun = new Date();
    const request = await box.system.mustRun(['ke_manage_license_key', 'request']);
    await authority.answers.answer(request.trim());
    await box.system.mustRun(['ke_manage_accounts', 'init']);
    const path = box.system.path('/var/lib/sallyport/usage-sending.json');
    await writeFile(path, JSON.stringify({ format: 1, ...due }), { mode: 0o644 });
    await restartWith({ url: urlOf(service.port), mode: 'connected' });
    const received = () => authority.usage.listOf(box.config.applianceId);
    await waitFor('a statement arrives', async () => received().length > 0);
    // The month may end while the test runs.
    const months = [begun, new Date()].map(lastMonth);
    expect(received()).toMatchObject([{ kind: 'standard', number: 1 }]);
    expect(months).toContain(received()[0]?.month);
    const isAcknowledged = async () => {
      const listed = await box.system.mustRun(['ke_usage_report', 'statements', '--json']);
      return statementListSchema.parse(JSON.parse(listed)).statements[0]?.acknowledgement !== null;
    };
    await waitFor('its acknowledgement is kept', isAcknowledged);
    const log = () => readFile(box.syslogFile, 'utf8');
    await waitFor('the log says so', async () =>
      /ke_usage_report\S*: usage statement 1 sent to https:\S+ by the schedule/u.test(await log()),
    );
    expect(await log()).not.toContain(licenceKey);
  });

  it('when the mode is offline, the service opens no connection', async () => {
    const sockets: Socket[] = [];
    const silent: Server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => silent.listen(0, box.near[0], resolve));
    onTestFinished(() => void silent.close());
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await restartWith({ url: urlOf(port), mode: 'offline' });
    await delay(5000);
    expect(sockets).toHaveLength(0);
    // The same settings in connected mode do open one, so this test would see it.
    await restartWith({ url: urlOf(port), mode: 'connected' });
    await waitFor('a connection is opened', async () => sockets.length > 0);
    for (const socket of sockets) socket.destroy();
  });

  it('when the service stops, no process of the schedule remains', async () => {
    await box.system.mustRun(['service', 'sallyport', 'stop']);
    expect(await remains('sallyport-ping.sh')).toBe(false);
    await box.system.mustRun(['service', 'sallyport', 'start']);
    expect(await remains('sallyport-ping.sh')).toBe(true);
  });

  it.each([
    ['ke_usage_report', 'a statement'],
    ['ke_manage_license_key', 'a ping'],
  ])('when the service stops while %s works on %s, that command ends with it', async (command) => {
    const path = `/usr/local/sbin/${command}`;
    await box.system.mustRun(['mv', path, `${path}.away`]);
    onTestFinished(async () => void (await box.system.mustRun(['mv', `${path}.away`, path])));
    await writeFile(box.system.path(path), '#!/bin/sh\nsleep 98765\n', { mode: 0o755 });
    await box.system.mustRun(['service', 'sallyport', 'restart']);
    await waitFor('the command runs', () => remains('sleep 98765'));
    await box.system.mustRun(['service', 'sallyport', 'stop']);
    expect(await remains('sallyport-ping.sh|sleep 98765')).toBe(false);
    await box.system.mustRun(['service', 'sallyport', 'start']);
  });
});
