import { AppError, toErrorData } from '../../../src-shared/errors.ts';
import { quoteArgv } from '../../../src-shared/base/quoteArgv.ts';
import { race } from '../../../src-shared/base/race.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import type { ApplianceEntry } from '../../../src-shared/model/appliance/applianceEntry.ts';
import type { WindowPlan, WindowView } from '../../../src-shared/model/licence/connectedWindow.ts';
import { describeInterrupted } from '../../../src-shared/model/licence/interruptedWindow.ts';
import { callEvery } from '../../../src-shared/node/callEvery.ts';
import type { Audit } from '../../audit/audit.ts';
import type { ChangeMarks } from '../../base/changeFeed.ts';
import type { Log } from '../../base/log.ts';
import { connectedCommands } from '../../driver/connectedCommands.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { Links } from '../../links/links.ts';
import type { Store } from '../../store/store.ts';
import { withLink } from '../../links/withLink.ts';
import type { ApplianceLicences } from '../applianceLicences.ts';
import type { SeenTunnel } from '../tripView.ts';
import { warnAboutHost } from './authorityHost.ts';
import { runWindow, type WindowLink } from './runWindow.ts';
import { createInterruptedWindows, type OpenTrip } from './interruptedWindows.ts';
import { createRunningWindow, type RunningWindow, type WindowOpening } from './runningWindow.ts';
import { buildFinished } from './windowResult.ts';
import { createWindowRows } from './windowRows.ts';

/** How long the end of the console waits until its windows are closed and the licences are read. */
const maxEndMs = 15 * secondMs;

/** How often an open window is compared with the policy. */
const policyLookMs = 500;

type Window = {
  view: () => WindowView;
  cancel: () => void;
  ended: Promise<void>;
};

/** Renewals for which this computer lends its network to an appliance. At most one at a time for each appliance. */
export function createConnectedWindow(options: {
  inventory: Pick<Inventory, 'get' | 'assertUnlocked'>;
  links: Pick<Links, 'hold' | 'waitUntilSettled' | 'onChange' | 'state'> & {
    of: (entryId: string) => WindowLink;
  };
  fleet: Pick<Fleet, 'refresh'>;
  audit: Pick<Audit, 'act' | 'event'>;
  store: Store;
  changes: ChangeMarks;
  clock: () => number;
  operator: string;
  log: Pick<Log, 'error'>;
  /** Throws POLICY_FORBIDS if this computer's policy forbids connected windows. */
  assertAllowed: () => void;
  tunnelsOf: (entryId: string) => readonly SeenTunnel[];
  openTrip: (entryId: string) => OpenTrip | null;
  /** Records a rollback of the licence of an appliance. */
  recordRollback: ApplianceLicences['recordRollback'];
}) {
  const { inventory, links, fleet, audit, changes, clock, operator, log } = options;
  const windows = new Map<string, Window>();
  const rows = createWindowRows(options);
  const interrupted = createInterruptedWindows({ ...options, rows });

  function assertAllowed(entry: ApplianceEntry): void {
    options.assertAllowed();
    inventory.assertUnlocked(entry.id, 'licence');
  }

  async function planNow(entry: ApplianceEntry): Promise<WindowPlan> {
    const { driver } = links.of(entry.id);
    const authority = await driver.connected.authority();
    const last = interrupted.find(entry.id);
    const interruption = last === null ? null : describeInterrupted(last);
    return {
      applianceName: entry.name,
      authority,
      command: quoteArgv(connectedCommands.fetch({ via: 0, isDryRun: false, acknowledged: [] })).replace(
        ' 0 ',
        ' PORT ',
      ),
      installed: await driver.licence(),
      voidedTrip: options.openTrip(entry.id)?.name ?? null,
      warnings: [
        ...(interruption === null ? [] : [`The last window: ${interruption}`]),
        ...warnAboutHost(authority.host),
      ],
    };
  }

  /**
   * The losses that count as acknowledged: those that the last check has shown. Throws INVALID_INPUT if one of them is not;
   * records each one that is.
   */
  function acknowledge(entry: ApplianceEntry, { isDryRun, acknowledged }: WindowOpening): string[] {
    const finished = windows.get(entry.id)?.view().finished;
    if (isDryRun || finished?.result !== 'acceptable') return [];
    const { losses } = finished;
    const open = losses.filter(({ id }) => !acknowledged.includes(id));
    if (open.length > 0)
      throw new AppError(
        'INVALID_INPUT',
        `A loss is not acknowledged yet. Nothing was opened. ${open.map(({ sentence }) => sentence).join(' ')}`,
      );
    for (const { sentence } of losses)
      audit.event({ event: 'licence.acknowledge', object: entry.name, detail: sentence });
    return losses.map(({ id }) => id);
  }

  async function run(entry: ApplianceEntry, opening: WindowOpening, window: RunningWindow): Promise<void> {
    const { isDryRun, seconds, acknowledged, confirmed: target } = opening;
    const before = options.openTrip(entry.id);
    const facts = await withLink(links, entry, async () => {
      const { authority } = await planNow(entry);
      if (authority.host !== target.host || authority.port !== target.port)
        throw new AppError(
          'CONFLICT',
          `The appliance now names another authority, ${authority.host}:${authority.port}. Nothing was opened.`,
        );
      // The policy may have changed while the appliance was connected.
      options.assertAllowed();
      const link = links.of(entry.id);
      const recordRollback: Parameters<typeof runWindow>[0]['recordRollback'] = (sequence, rollBack) =>
        options.recordRollback(entry, sequence, rollBack);
      const asked = { target, seconds, isDryRun, acknowledged };
      const request = { ...asked, entry, link, audit, clock, recordRollback };
      return runWindow({ ...request, ...window.callbacks });
    });
    const isVoided = facts.output?.exchange?.voidedRequest != null;
    if (isVoided || facts.after?.sequence !== facts.before.sequence) before?.voidIt();
    window.finish(buildFinished({ ...facts, tunnels: options.tunnelsOf(entry.id) }));
    void fleet.refresh([entry.id]);
  }

  function open(entry: ApplianceEntry, opening: WindowOpening): Window {
    const { seconds } = opening;
    const window = createRunningWindow({
      entry,
      opening,
      operator,
      clock,
      keep: (view, before) => rows.save(entry.id, 'open', { view, seconds, before }),
    });
    const stopWatching = callEvery({
      everyMs: policyLookMs,
      work: options.assertAllowed,
      onError: () => window.cancel('policy'),
    });
    const ended = run(entry, opening, window).catch((thrown: unknown) => {
      if (!(thrown instanceof AppError)) log.error({ err: thrown }, 'a connected window failed');
      window.finish({
        result: 'failed',
        failure: toErrorData(thrown),
        output: null,
        installed: null,
        changes: [],
        losses: [],
      });
    });
    changes.mark({ licences: true });
    const forget = async () => {
      await ended;
      stopWatching();
      rows.remove(entry.id);
      changes.mark({ licences: true });
    };
    return { view: window.view, cancel: () => window.cancel(), ended: forget() };
  }

  const find = (applianceId: string): Window => {
    const window = windows.get(inventory.get(applianceId).id);
    if (window !== undefined) return window;
    throw new AppError('NOT_FOUND', 'No connected window of this appliance was opened.');
  };

  return {
    plan: async ({ applianceId }: { applianceId: string }): Promise<WindowPlan> => {
      const entry = inventory.get(applianceId);
      assertAllowed(entry);
      return withLink(links, entry, async () => {
        await interrupted.settle(entry.id);
        return planNow(entry);
      });
    },
    /** The last window of an appliance whose console ended while it was open, after asking the appliance if it is connected. */
    interrupted: async ({ applianceId }: { applianceId: string }): Promise<WindowView | null> => {
      const { id } = inventory.get(applianceId);
      if (links.state(id).state === 'connected') await interrupted.settle(id);
      return interrupted.find(id);
    },
    /** Returns at once; `ended` waits for the result. */
    open: (opening: WindowOpening): WindowView => {
      const entry = inventory.get(opening.applianceId);
      assertAllowed(entry);
      if (windows.get(entry.id)?.view().finished === null || rows.findForeign(entry.id) !== null)
        throw new AppError('BUSY', `A connected window of ${entry.name} is open already.`);
      const window = open(entry, { ...opening, acknowledged: acknowledge(entry, opening) });
      windows.set(entry.id, window);
      return window.view();
    },
    current: ({ applianceId }: { applianceId: string }): WindowView | null => {
      const { id } = inventory.get(applianceId);
      return windows.get(id)?.view() ?? interrupted.find(id);
    },
    listOpen: (): Pick<WindowView, 'applianceName' | 'host' | 'port'>[] =>
      [...windows.values()].map(({ view }) => view()).filter(({ finished }) => finished === null),
    cancel: ({ applianceId }: { applianceId: string }): WindowView => {
      const window = find(applianceId);
      window.cancel();
      return window.view();
    },
    /** Resolves with the result of the last window. */
    ended: async ({ applianceId }: { applianceId: string }): Promise<WindowView> => {
      const window = find(applianceId);
      await window.ended;
      return window.view();
    },
    /** Closes all windows and reads the licences back. */
    close: async (): Promise<void> => {
      interrupted.close();
      const all = [...windows.values()];
      for (const window of all) window.cancel();
      const ended = Promise.all(all.map((window) => window.ended));
      await race(ended, { timeoutMs: maxEndMs, onTimeout: () => [] });
    },
  };
}
