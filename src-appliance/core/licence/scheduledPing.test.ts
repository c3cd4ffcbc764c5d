import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../../src-shared/base/time.ts';
import { licenceShowOutputSchema } from '../../../src-shared/model/licence/licence.ts';
import { applianceStatusSchema } from '../../../src-shared/model/appliance/applianceStatus.ts';
import { startLicenceKit, type LicenceKit } from '../../../test-support/licenceKit.ts';
import { makeSelfSigned } from '../../../test-support/selfSigned.ts';
import { startAuthorityService } from '../../authority/service/service.ts';
import { createAuthority, type Authority } from '../../authority/store/authority.ts';
import { defaultContract } from '../../authority/store/contract.ts';
import { createFileLock } from '../state/stateLock.ts';
import { pingWhenDue } from './scheduledPing.ts';

let now: number;
let kit: LicenceKit;
let authority: Authority;
let service: Awaited<ReturnType<typeof startAuthorityService>>;
let url: string;
const local = makeSelfSigned('localhost');

beforeEach(async () => {
  now = Date.parse('2026-11-20T09:00:00Z');
  kit = await startLicenceKit({ now: () => now });
  authority = createAuthority({ folder: join(kit.folder, 'authority') });
  const contract = { ...defaultContract, minVersion: '1.0.0' };
  const { licenceKey } = authority.appliances.add({ id: kit.config.applianceId, name: 'hq', contract });
  await kit.writeKeySet(JSON.stringify(authority.keys.exportSet()));
  await kit.ke(['ke_manage_license_key', 'set', licenceKey]);
  await writeFile(join(kit.folder, 'ca.pem'), local.cert);
  service = await startAuthorityService({ authority, host: '127.0.0.1', port: 0, ...local });
  url = service.url.replace('127.0.0.1', 'localhost');
  connect();
});
afterEach(async () => {
  await service.close();
  authority.close();
  await kit.stop();
});

function connect(mode: 'connected' | 'offline' = 'connected'): void {
  kit.config.authority = { url, caFile: join(kit.folder, 'ca.pem'), mode };
}
const tick = (random = 0.5) => pingWhenDue(kit.appliance, { random: () => random });
const sent = () => authority.reports.pingsOf(kit.config.applianceId).length;
const pings = async () =>
  licenceShowOutputSchema.parse(
    JSON.parse((await kit.ke(['ke_manage_license_key', 'show', '--json'])).stdout),
  ).pings;
const findings = async () =>
  applianceStatusSchema
    .parse(JSON.parse((await kit.ke(['ke_status', '--json'])).stdout))
    .findings.filter(({ name }) => name === 'licence ping');

test('when an appliance is connected, it pings within ten minutes and then once a day', async () => {
  expect(await tick(1)).toEqual({ state: 'waiting', waitMs: 10 * minuteMs });
  expect(sent()).toBe(0);
  now += 10 * minuteMs;
  expect(await tick()).toEqual({ state: 'sent', waitMs: hourMs });
  expect(sent()).toBe(1);
  const first = new Date(now).toISOString();
  expect(await pings()).toEqual({
    triedAt: first,
    sentAt: first,
    failures: 0,
    problem: null,
    nextAt: new Date(now + dayMs).toISOString(),
  });
  now += dayMs - 1;
  expect(await tick()).toEqual({ state: 'waiting', waitMs: minuteMs });
  now += 1;
  expect(await tick()).toMatchObject({ state: 'sent' });
  expect(sent()).toBe(2);
});

test.each([
  [0, 0.9 * dayMs],
  [1, 1.1 * dayMs],
])('when chance is %d, the next ping is %d ms later', async (random, nextMs) => {
  await tick(1);
  now += 10 * minuteMs;
  expect(await tick(random)).toMatchObject({ state: 'sent' });
  expect(Date.parse((await pings())?.nextAt ?? '')).toBe(Math.round(now + nextMs));
});

test('when the authority does not answer, the appliance waits longer each time, reports it, and recovers', async () => {
  await tick(0);
  const before = await pings();
  await service.close();
  now += dayMs;
  const waits: number[] = [];
  for (let attempt = 0; attempt < 10; attempt += 1) {
    expect(await tick(1)).toMatchObject({ state: 'failed' });
    const { nextAt = '' } = (await pings()) ?? {};
    waits.push((Date.parse(nextAt) - now) / minuteMs);
    expect(await findings()).toHaveLength(attempt < 2 ? 0 : 1);
    now = Date.parse(nextAt);
  }
  expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 360, 360, 360]);
  expect(await pings()).toMatchObject({
    sentAt: before?.sentAt,
    failures: 10,
    problem: expect.stringContaining('can’t be used'),
  });
  const text = (await kit.ke(['ke_status'])).stdout;
  expect(text).toMatch(/^Pings +last sent 2026-11-20 09:00:00 UTC; 10 in a row failed: the authority /mu);
  expect((await kit.ke(['ke_manage_license_key', 'show'])).stdout).toContain('10 in a row failed');

  service = await startAuthorityService({ authority, host: '127.0.0.1', port: 0, ...local });
  url = service.url.replace('127.0.0.1', 'localhost');
  connect();
  expect(await tick()).toMatchObject({ state: 'sent' });
  expect(await pings()).toMatchObject({ failures: 0, problem: null });
  expect(await findings()).toEqual([]);
});

test.each<[string, () => Promise<void> | void]>([
  ['its mode is offline', () => connect('offline')],
  ['it names no authority', () => void (kit.config.authority = undefined)],
  ['it is not licensed software', () => rm(kit.config.authorityKeys)],
])('when %s, the schedule sends nothing and shows no pings', async (_why, change) => {
  await change();
  for (let hour = 0; hour < 48; hour += 12) {
    expect(await tick(0)).toEqual({ state: 'off', waitMs: hourMs });
    now += 12 * hourMs;
  }
  expect(sent()).toBe(0);
  expect(await pings()).toBeUndefined();
  expect(await findings()).toEqual([]);
});

test('when the mode becomes offline after pings, none is sent or shown any more', async () => {
  await tick(0);
  connect('offline');
  now += 3 * dayMs;
  expect(await tick(0)).toMatchObject({ state: 'off' });
  expect([sent(), await pings()]).toEqual([1, undefined]);
});

test('when another ping runs, the next one waits for it', async () => {
  const order: string[] = [];
  const held = createFileLock({ path: join(kit.config.stateFolder, 'ping.lock'), waitSeconds: 0 })(
    async () => {
      await delay(300);
      order.push(`released, ${sent()} sent`);
    },
  );
  await Promise.all([held, tick(0).then(({ state }) => order.push(state))]);
  expect(order).toEqual(['released, 0 sent', 'sent']);
});

test('when there is no licence key, the problem says how to store it', async () => {
  await rm(join(kit.config.stateFolder, 'licence-record.json'));
  expect(await tick(0)).toMatchObject({ state: 'failed' });
  expect((await pings())?.problem).toContain('ke_manage_license_key set -');
});

test('when the clock was years ahead at the last ping, the next one does not wait for that time', async () => {
  now += 5 * 365 * dayMs;
  expect(await tick(0)).toMatchObject({ state: 'sent' });
  now -= 5 * 365 * dayMs;
  expect(await tick(0)).toMatchObject({ state: 'sent' });
  expect(sent()).toBe(2);
});

test('when the record is damaged, the schedule starts again', async () => {
  const path = join(kit.config.stateFolder, 'pings.json');
  await writeFile(path, '{"format":1,');
  expect(await tick(1)).toEqual({ state: 'waiting', waitMs: 10 * minuteMs });
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ failures: 0 });
});

test('when a ping is under way, its attempt is recorded as failed until it is sent', async () => {
  let during: unknown;
  const add = authority.reports.recordPing;
  authority.reports.recordPing = (ping) => {
    during = JSON.parse(readFileSync(join(kit.config.stateFolder, 'pings.json'), 'utf8'));
    add(ping);
  };
  expect(await tick(0)).toMatchObject({ state: 'sent' });
  expect(during).toMatchObject({ failures: 1, problem: 'the ping was interrupted' });
});

test('when ping --when-due runs, it prints the seconds to wait', async () => {
  const program = 'ke_manage_license_key';
  const ended = await kit.ke([program, 'ping', '--when-due']);
  expect(ended).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringMatching(/^\d+\n$/u) });
  connect('offline');
  expect((await kit.ke([program, 'ping', '--when-due', '--json'])).stdout).toBe(
    '{"contract":1,"state":"off","waitSeconds":3600}\n',
  );
});
