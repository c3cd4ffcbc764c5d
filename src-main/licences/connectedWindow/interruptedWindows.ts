import { AppError, toErrorData } from '../../../src-shared/errors.ts';
import { createKeyedQueue } from '../../../src-shared/base/keyedQueue.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import type { WindowView } from '../../../src-shared/model/licence/connectedWindow.ts';
import { callEvery } from '../../../src-shared/node/callEvery.ts';
import type { Audit } from '../../audit/audit.ts';
import type { ChangeMarks } from '../../base/changeFeed.ts';
import type { Log } from '../../base/log.ts';
import { connectedCommands } from '../../driver/connectedCommands.ts';
import type { Links } from '../../links/links.ts';
import { isRunning } from '../../tenants/isRunning.ts';
import { waitUntilEnded } from '../waitUntilEnded.ts';
import type { SeenTunnel } from '../tripView.ts';
import { findListeners } from './listeners.ts';
import { describeClosed, isProvenClosed, type WindowLink } from './runWindow.ts';
import { buildFinished } from './windowResult.ts';
import type { WindowRow, WindowRows } from './windowRows.ts';

/** How often another console's end is looked for. */
const lookMs = 5 * secondMs;

const interrupted = (view: Pick<WindowView, 'openedBy'>) =>
  new AppError(
    'WINDOW_INTERRUPTED',
    `Sallyport ended while ${view.openedBy} had the connected window open. The SSH connection and the lent port ended with it.`,
  );

/** What is known of a window at once after its console has ended. */
function endView(view: WindowView, at: string): WindowView {
  const failure = toErrorData(interrupted(view));
  const why = 'console-ended';
  const closed = { at, why, forward: 'connection-ended', isListening: null, openConnections: 0 } as const;
  return {
    ...view,
    phase: 'closed',
    closed: view.lent === null ? null : closed,
    finished: {
      result: 'unknown',
      failure: {
        ...failure,
        message: `${failure.message} The licence is read when the appliance is connected.`,
      },
      output: null,
      installed: null,
      changes: [],
      losses: [],
    },
  };
}

/** The open renewal of an appliance, which a window that installed a licence makes void. */
export type OpenTrip = { name: string; openedAt: string; voidIt: () => void };

/**
 * Finds windows whose console has ended, e.g. by `kill -9`. When the appliance is connected, asks it whether the lent port
 * is closed and which licence it has, and records that.
 */
export function createInterruptedWindows(options: {
  rows: WindowRows;
  links: Pick<Links, 'onChange' | 'state'> & { of: (entryId: string) => WindowLink };
  audit: Pick<Audit, 'event'>;
  changes: ChangeMarks;
  clock: () => number;
  log: Pick<Log, 'error'>;
  tunnelsOf: (entryId: string) => readonly SeenTunnel[];
  openTrip: (entryId: string) => OpenTrip | null;
}) {
  const { rows, links, audit, changes, clock, log } = options;
  const queue = createKeyedQueue();

  function record({ view }: WindowRow, text: string, isProven: boolean): void {
    audit.event({
      event: 'connectedWindow.close',
      object: view.applianceName,
      destination: `${view.host}:${view.port}`,
      detail: `interrupted; ${text}`,
      result: isProven ? 'ok' : 'failed',
      errorCode: isProven ? null : 'WINDOW_INTERRUPTED',
    });
  }

  async function settleNow(applianceId: string): Promise<void> {
    const row = rows.find(applianceId);
    if (row === undefined || row.state !== 'interrupted' || !row.isMine) return;
    const { driver, session } = links.of(applianceId);
    const { view, before, seconds } = row;
    const port = view.lent?.port ?? null;
    let isListening: boolean | null = null;
    if (port !== null) {
      const argv = connectedCommands.fetch({ ...view, via: port });
      if (!(await waitUntilEnded((words) => isRunning(session, words), argv))) return;
      isListening = (await findListeners(session, port)) !== 'none';
    }
    const after = await driver.licence();
    const facts = { isDryRun: view.isDryRun, before: before ?? after, after, output: null, restored: null };
    const finished = buildFinished({
      ...facts,
      failure: interrupted(view),
      tunnels: options.tunnelsOf(applianceId),
    });
    const closed = view.closed === null ? null : { ...view.closed, isListening };
    const trip = options.openTrip(applianceId);
    if (finished.result === 'renewed' && trip !== null && trip.openedAt < view.startedAt) trip.voidIt();
    rows.save(applianceId, 'settled', { view: { ...view, closed, finished }, before, seconds });
    const shown = `the appliance shows sequence ${after.sequence ?? 'none'}`;
    const proof = closed === null ? 'no port was lent' : describeClosed(closed);
    const isProven = closed === null || isProvenClosed(closed);
    record(row, `${proof}; licence ${finished.result}, ${shown}`, isProven);
    changes.mark({ licences: true });
  }

  const settle = (applianceId: string) => queue.take(applianceId, () => settleNow(applianceId));
  const settleSoon = (applianceId: string) =>
    void settle(applianceId).catch((thrown: unknown) => {
      // The link was lost again: the next connect asks again.
      if (!(thrown instanceof AppError)) log.error({ err: thrown }, 'could not settle a connected window');
    });

  function takeOver(): void {
    for (const row of rows.takeOver()) {
      const { applianceId, seconds, before } = row;
      if (row.state === 'open') {
        const view = endView(row.view, new Date(clock()).toISOString());
        rows.save(applianceId, 'interrupted', { view, seconds, before });
        record(row, 'its console ended; the appliance is asked when it is connected', false);
        changes.mark({ licences: true });
      }
      if (links.state(applianceId).state === 'connected') settleSoon(applianceId);
    }
  }

  const stopFollowing = links.onChange((applianceId, { state }) => {
    if (state === 'connected') settleSoon(applianceId);
  });
  takeOver();
  const stopLooking = callEvery({
    everyMs: lookMs,
    work: takeOver,
    onError: (thrown) => log.error({ err: thrown }, 'could not look for interrupted windows'),
  });

  return {
    /** The last window of an appliance, if its console ended while it was open. */
    find: (applianceId: string): WindowView | null => {
      const row = rows.find(applianceId);
      return row === undefined || row.state === 'open' ? null : row.view;
    },
    /** Asks the appliance, if it has an interrupted window. Its link must be up. */
    settle,
    close: () => {
      stopFollowing();
      stopLooking();
    },
  };
}
