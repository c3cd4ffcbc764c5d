import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEmitter } from '../../../src-shared/base/emitter.ts';
import { aTenant } from '../../../test-support/aTenant.ts';
import { anInput } from '../../../test-support/anEntry.ts';
import { silentLog } from '../../../test-support/silentLog.ts';
import { startPorts, type PortsFixture } from '../../../test-support/portsFixture.ts';
import { createTestServices, type TestServices } from '../../../test-support/testConsole.ts';
import type { LogBatch } from '../follow/logSource.ts';
import { createLogWatch } from './logWatch.ts';

const start = Date.parse('2026-11-20T09:00:00Z');
let fixture: PortsFixture;
let site: TestServices;
let kilnId: string;
let now = start;
let kept: ReturnType<typeof createEmitter<[LogBatch]>>;
let watch: ReturnType<typeof createLogWatch>;
let held: string[] = [];

beforeEach(() => {
  fixture = startPorts();
  site = createTestServices();
  kilnId = site.services.inventory.add(anInput('kiln'), []).id;
  now = start;
  held = [];
  kept = createEmitter<[LogBatch]>();
  watch = createLogWatch({
    store: fixture.store,
    inventory: site.services.inventory,
    audit: site.services.audit,
    keptLogs: {
      onKept: kept.on,
      keep: (id) => {
        held.push(id);
        return async () => {
          held = held.filter((one) => one !== id);
        };
      },
    },
    tenantsOf: () => [aTenant('acme')],
    clock: () => now,
    log: silentLog,
  });
});
afterEach(async () => {
  watch.close();
  fixture.close();
  await site.close();
});

const rule = {
  name: 'failed logins',
  query: 'program:sshd failed',
  threshold: 2,
  windowSeconds: 60,
  quietSeconds: 60,
  groupBy: 'none' as const,
  applianceIds: null,
  isEnabled: true,
};

/** Keeps lines that were written `second` seconds after the start. */
function write(second: number, ...texts: string[]): void {
  const stamp = new Date(start + second * 1000).toISOString();
  const bytes = Buffer.from(texts.map((text) => `${stamp} box sshd[7]: ${text}\n`).join(''));
  const source = {
    id: 'f',
    device: '1',
    inode: '1',
    head: '',
    start: 0,
    end: null,
    offset: 0,
    anchor: '',
    order: 1,
  };
  kept.emit({
    applianceId: kilnId,
    source: { ...source, isComplete: false },
    from: 0,
    to: bytes.length,
    bytes,
    receivedAt: now,
    zoneOffsetMinutes: 0,
    skewMs: 0,
  });
}

test('when enough lines match, raises one alert that ends with the quiet time', async () => {
  await watch.add(rule);
  write(0, 'login failed', 'all is well');
  expect(watch.alerts()).toEqual([]);
  write(5, 'login failed for acme');
  expect(watch.alerts()).toMatchObject([
    {
      applianceId: kilnId,
      clientId: '',
      text: expect.stringMatching(/^“failed logins”: 2 lines within 5 s\. Last: /u),
    },
  ]);
  write(6, 'failed', 'failed', 'failed');
  expect(watch.alerts()).toHaveLength(1);
  now += 60_000;
  expect(watch.alerts()).toEqual([]);
});

test('when lines are older than an hour, they raise nothing', async () => {
  await watch.add(rule);
  now += 2 * 3_600_000;
  write(0, 'failed', 'failed', 'failed');
  expect(watch.alerts()).toEqual([]);
});

test('when a rule counts by tenant, the alert names the tenant', async () => {
  await watch.add({ ...rule, groupBy: 'tenant', threshold: 1 });
  write(1, 'login failed for acme');
  expect(watch.alerts()).toMatchObject([{ clientId: 'acme', text: expect.stringContaining('(acme)') }]);
});

test('when there are rules, the logs of all appliances are kept while the console watches', async () => {
  const release = watch.hold();
  expect(held).toEqual([]);
  await watch.add(rule);
  expect(held).toEqual([kilnId]);
  await watch.remove(rule.name);
  expect(held).toEqual([]);
  release();
});

test('when a rule is wrong, is there twice, or is not there, says so and keeps the others', async () => {
  await watch.add(rule);
  await expect(watch.add(rule)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  await expect(watch.add({ ...rule, name: 'other', query: 'time:-1h' })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
  for (const wrong of [{ name: '' }, { name: 'x'.repeat(300) }, { threshold: 0 }])
    await expect(watch.add({ ...rule, ...wrong })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(watch.remove('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(watch.rules().map(({ name }) => name)).toEqual(['failed logins']);
});

test('when a rule raised an alert, it is listed with it, also after it is switched off and on', async () => {
  await watch.add(rule);
  expect(watch.rulesWithLast()).toMatchObject([{ name: 'failed logins', last: null }]);
  write(0, 'failed 1', 'failed 2');
  const last = { at: now, applianceId: kilnId, text: expect.stringContaining('failed 2') };
  expect(watch.rulesWithLast()).toMatchObject([{ last }]);
  await watch.setEnabled('failed logins', false);
  now += 3_600_000;
  write(3600, 'failed 3', 'failed 4');
  expect(watch.rulesWithLast()).toMatchObject([{ isEnabled: false, last }]);
  await watch.setEnabled('failed logins', true);
  write(3601, 'failed 5', 'failed 6');
  expect(watch.rulesWithLast()).toMatchObject([
    { isEnabled: true, last: { at: now, text: expect.stringContaining('failed 6') } },
  ]);
  await expect(watch.setEnabled('other', true)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
