import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { defaultNotificationRules } from '../../../src-shared/model/notifications/kinds.ts';
import { aConnectedTenant, aTenant } from '../../../test-support/aTenant.ts';
import { startPorts } from '../../../test-support/portsFixture.ts';
import { noPolicy } from '../../../test-support/noPolicy.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import { createAudit } from '../../audit/audit.ts';
import { createNotifications } from '../../notifications/notifications.ts';
import { noChangeFeed } from '../../../test-support/noChangeFeed.ts';
import { silentLog } from '../../../test-support/silentLog.ts';
import { cliProgram } from '../../../test-support/cliProgram.ts';

const run = promisify(execFile);
const minute = 60_000;

test('sallyport notification list prints what a watching console has raised', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-notified-'));
  const fixture = startPorts(folder);
  onTestFinished(fixture.close);
  const kiln = fixture.add('kiln');
  const { ports, store } = fixture;
  const clock = () => fixture.clock.now;
  const actor = { operator: 'ada', role: 'admin', source: 'web pid 1' } as const;
  const audit = createAudit({ log: silentLog, store, actor, clock, changes: noChangeFeed });
  const notifications = createNotifications({
    ports,
    audit,
    changes: noChangeFeed,
    store,
    policy: noPolicy,
    clock,
    log: pino({ level: 'silent' }),
  });
  onTestFinished(notifications.close);
  const asked = async (...argv: string[]) =>
    (await run(process.execPath, [cliProgram, '--data', folder, ...argv, 'notification', 'list'])).stdout;
  const judge = () => notifications.setRules({ ...defaultNotificationRules, keyDays: null });

  expect(await asked()).toBe('No notifications.\n');
  ports.hold();
  fixture.answer(kiln, [aConnectedTenant('acme', [2200])]);
  await judge();
  const endedAt = new Date(clock()).toISOString();
  const down = aTenant('acme', { lastSession: { endedAt, peerAddress: null, reason: 'client timed out' } });
  for (const pause of [5_000, 6 * minute]) {
    fixture.clock.now += pause;
    fixture.answer(kiln, [down]);
    await waitFor('the answer is written down', () => {
      const latest = store.query.selectFrom('watchSpan').select((one) => one.fn.max('toMs').as('to'));
      return store.first(latest)?.to === clock();
    });
    await judge();
  }
  const [header, line, ...more] = (await asked()).trimEnd().split('\n');
  expect(header).toMatch(/^RAISED +OVER +APPLIANCE +TENANT +PORT +KIND +TEXT$/u);
  expect(line).toMatch(/^2026-11-20 09:\d\d:05 UTC +– +kiln +acme +– +tunnel-down +\S/u);
  expect(more).toEqual([]);
  expect(JSON.parse(await asked('--json'))).toEqual({ format: 1, ...notifications.list() });
  expect(notifications.list().notifications).toHaveLength(1);
});
