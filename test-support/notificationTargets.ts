import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src-shared/base/clock.ts';
import { newTargetSchema, type NewTarget } from '../src-shared/model/notifications/targets.ts';
import { createAudit } from '../src-main/audit/audit.ts';
import { createNotificationRows } from '../src-main/notifications/notificationRows.ts';
import { createNotificationTargets } from '../src-main/notifications/targets/notificationTargets.ts';
import { noChangeFeed } from './noChangeFeed.ts';
import { startPorts } from './portsFixture.ts';
import { silentLog } from './silentLog.ts';

/** Stored notifications of the appliance `kiln`, and targets of them, in a real store. */
export function openNotificationTargets() {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-targets-'));
  const fixture = startPorts(folder);
  const { store } = fixture;
  const kiln = fixture.add('kiln');
  const rows = createNotificationRows({ store });
  const quiet = { isNow: false };
  let clock = systemClock.now;
  const actor = { operator: 'ada', role: 'admin', source: 'cli pid 1' } as const;
  const now = () => clock();
  const audit = createAudit({ log: silentLog, store, actor, clock: now, changes: noChangeFeed });
  const create = () =>
    createNotificationTargets({
      dataFolder: folder,
      store,
      audit,
      isQuietNow: () => quiet.isNow,
      clock: now,
      // Attempts follow each other as in production, but soon.
      sleep: (ms, signal) => systemClock.sleep(ms / 20, signal),
      log: silentLog,
    });
  const targets = create();
  const iso = () => new Date(now()).toISOString();
  const openId = (subject: string) => rows.open().find((row) => row.subject === subject)?.id ?? '';

  return {
    folder,
    store,
    targets,
    create,
    quiet,
    setClock: (next: () => number) => (clock = next),
    add: (target: Pick<NewTarget, 'name' | 'kind'> & Partial<NewTarget>) =>
      targets.add(newTargetSchema.parse(target)),
    raise: (port: number, isQuiet = false) =>
      rows.raise(
        {
          subject: `tunnel-down kiln ${port}`,
          applianceId: kiln.id,
          clientId: 'acme',
          port,
          kind: 'tunnel-down',
          text: 'refused (T-6001)',
          state: 'on',
        },
        { at: iso(), isQuiet },
      ),
    clear: (port: number) => rows.clear(openId(`tunnel-down kiln ${port}`), iso()),
    /** Writes a file that only this user can read. Returns its path. */
    writeFile: (name: string, content: string | Buffer, mode = 0o600): string => {
      const path = join(folder, name);
      writeFileSync(path, content, { mode });
      chmodSync(path, mode);
      return path;
    },
    /** Sends to all targets until the returned function is called. */
    run: () => {
      const stopping = new AbortController();
      const running = create().run(stopping.signal);
      return async () => {
        stopping.abort();
        await running;
      };
    },
    close: () => {
      fixture.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
