import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAudit } from '../src-main/audit/audit.ts';
import type { Fleet } from '../src-main/fleet/fleet.ts';
import { createInventory } from '../src-main/inventory/inventory.ts';
import { createLicences } from '../src-main/licences/licences.ts';
import type { SeenTunnel } from '../src-main/licences/tripView.ts';
import { openStore } from '../src-main/store/store.ts';
import { AppError } from '../src-shared/errors.ts';
import { createEmitter } from '../src-shared/base/emitter.ts';
import type { ApplianceStatus } from '../src-shared/model/appliance/applianceStatus.ts';
import type { LinkState } from '../src-shared/model/appliance/link.ts';
import { anInput } from './anEntry.ts';
import { createLicenceAppliance } from './licenceAppliance.ts';
import { noChangeFeed } from './noChangeFeed.ts';
import { silentLog } from './silentLog.ts';

const refuse = () => Promise.reject(new AppError('LINK_LOST', 'The link was lost.'));

/**
 * A console’s licences with a real store and audit trail, and one appliance `quay-01` without SSH. `restart` opens the
 * same data folder again.
 */
export async function createLicenceConsole() {
  let now = Date.parse('2026-11-20T09:00:00.000Z');
  const clock = () => now;
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-licences-'));
  const appliance = await createLicenceAppliance({ clock });
  const tunnels: SeenTunnel[] = [];
  const since = new Date(now).toISOString();
  const connected: LinkState = {
    state: 'connected',
    since,
    latencyMs: null,
    lastHeardAt: since,
    serverSoftware: 'OpenSSH_9.2p1',
    algorithms: { kex: '', hostKey: '', cipher: '', mac: '', weak: [] },
  };
  let isUp = true;
  let isImportRunning = false;
  let observed: ReturnType<Fleet['known']> = {};
  const linkChanges = createEmitter<[id: string, state: LinkState]>();

  function open() {
    const store = openStore({ folder });
    const inventory = createInventory({ store, clock, operator: 'ada' });
    const actor = { operator: 'ada', role: 'admin', source: 'test' };
    const audit = createAudit({ store, actor, clock, changes: noChangeFeed, log: silentLog });
    const entry = inventory.find('quay-01') ?? inventory.add(anInput('quay-01'), []);
    const licences = createLicences({
      inventory,
      links: {
        hold: () => () => undefined,
        waitUntilSettled: () => Promise.resolve(connected),
        onChange: linkChanges.on,
        of: () => ({
          driver: appliance.driver,
          session: {
            state: () => connected,
            want: () => undefined,
            ready: () => (isUp ? Promise.resolve() : refuse()),
            run: () =>
              isUp
                ? Promise.resolve({ exitCode: isImportRunning ? 0 : 1, signal: null, stdout: '', stderr: '' })
                : refuse(),
          },
        }),
      },
      fleet: {
        known: () => observed,
        refreshLicences: () => Promise.resolve(new Map()),
      },
      audit,
      store,
      changes: noChangeFeed,
      clock,
      operator: 'ada',
      log: silentLog,
      tunnelsOf: () => tunnels,
    });
    return { store, inventory, audit, entry, licences };
  }

  let parts = open();
  const close = () => {
    parts.licences.close();
    parts.store.close();
  };
  return {
    appliance,
    tunnels,
    connected,
    get licences() {
      return parts.licences;
    },
    get audit() {
      return parts.audit;
    },
    get inventory() {
      return parts.inventory;
    },
    get entry() {
      return parts.entry;
    },
    /** Lets the clock go on. */
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    setLink: (up: boolean) => {
      isUp = up;
      if (up) linkChanges.emit(parts.entry.id, connected);
    },
    /** The console has seen the status of the appliance, and with it its identity. */
    seeIdentity: () => {
      const value: ApplianceStatus = {
        contract: 1,
        identity: { id: appliance.applianceId, hostname: 'quay-01' },
        versions: { appliance: '1.33.0', kit: '0.1.0', sshd: null, os: 'Debian 12' },
        clock: { now: since, ranBackFrom: null },
        uptimeSeconds: 3600,
        disks: [],
        services: [],
        findings: [],
        logs: { syslog: '/var/log/syslog' },
      };
      observed = { status: { value, observedAt: since } };
    },
    setImportRunning: (isRunning: boolean) => {
      isImportRunning = isRunning;
    },
    restart: () => {
      close();
      parts = open();
    },
    stop: () => {
      close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
export type LicenceConsole = Awaited<ReturnType<typeof createLicenceConsole>>;
