import { AppError, fromErrorData } from '../../../src-shared/errors.ts';
import { quoteArgv } from '../../../src-shared/base/quoteArgv.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import type { WindowClosed } from '../../../src-shared/model/licence/connectedWindow.ts';
import type { LicenceShowOutput } from '../../../src-shared/model/licence/licence.ts';
import type { ApplianceEntry } from '../../../src-shared/model/appliance/applianceEntry.ts';
import type { Audit } from '../../audit/audit.ts';
import { connectedCommands } from '../../driver/connectedCommands.ts';
import type { Driver } from '../../driver/driver.ts';
import { hopNameOf } from '../../ssh/transport/hopName.ts';
import type { Session } from '../../ssh/types.ts';
import { isRunning } from '../../tenants/isRunning.ts';
import { findReadBackDifferences } from '../readBack.ts';
import { restoreLicence, type RestoredAppliance } from '../restoreLicence.ts';
import { waitUntilEnded } from '../waitUntilEnded.ts';
import { lendPort, type LentPort } from './lendPort.ts';
import { findListeners } from './listeners.ts';
import { buildFinished, explainFailure, findExpected, refusalOf, type WindowFacts } from './windowResult.ts';

/** If a lost link is not up again within this time, the result stays unknown **[ours]**. */
const maxLinkLossMs = 30 * secondMs;
/** The command gives up 30 s after its last connection attempt, also after the window has closed. */
const commandGraceMs = 45 * secondMs;

/** What a window needs of the link. */
export type WindowLink = {
  driver: Pick<Driver, 'licence' | 'connected'> & RestoredAppliance['driver'];
  session: Pick<Session, 'run' | 'forwardIn' | 'onChange' | 'state' | 'want' | 'ready'>;
};

export type WindowRequest = {
  entry: ApplianceEntry;
  link: WindowLink;
  target: { host: string; port: number };
  seconds: number;
  isDryRun: boolean;
  /** The ids of the losses that the operator acknowledged. */
  acknowledged: readonly string[];
  cancelled: AbortSignal;
  audit: Pick<Audit, 'act' | 'event'>;
  clock: () => number;
  /** Records a rollback of the licence. */
  recordRollback: RestoredAppliance['recordRollback'];
  onOpen: (lent: LentPort, before: LicenceShowOutput) => void;
  onClosing: () => void;
  onClosed: (closed: WindowClosed) => void;
};

const nameOf = ({ host, port }: WindowRequest['target']) => `${host}:${port}`;

/** Whether everything that shows the end of a window was seen, not only assumed. */
export const isProvenClosed = ({ isListening, openConnections }: WindowClosed): boolean =>
  isListening === false && openConnections === 0;

export const describeClosed = ({ why, forward, isListening, openConnections }: WindowClosed) =>
  [
    `closed: ${why}`,
    `forward ${forward}`,
    isListening === null ? 'port not checked' : isListening ? 'PORT STILL LISTENS' : 'port does not listen',
    `${openConnections} connections open`,
  ].join(', ');

/** Runs the only command of the window. Resolves with what it printed and why it failed. */
async function runCommand(
  { link, seconds, isDryRun, acknowledged }: WindowRequest,
  lent: LentPort,
): Promise<Pick<WindowFacts, 'output' | 'failure'>> {
  const timeoutMs = seconds * secondMs + commandGraceMs;
  try {
    const output = await link.driver.connected.fetch({ via: lent.port, isDryRun, acknowledged, timeoutMs });
    return { output, failure: output.outcome === 'refused' ? refusalOf(output) : null };
  } catch (thrown) {
    const failure =
      thrown instanceof AppError
        ? explainFailure(thrown, lent, seconds)
        : new AppError('INTERNAL', 'The window failed.', { cause: thrown });
    return { output: null, failure };
  }
}

/** The installed licence after the window. Null if it can't be read, or while the command may still run. */
async function readInstalled(
  { link, isDryRun, acknowledged }: WindowRequest,
  via: number,
): Promise<LicenceShowOutput | null> {
  const { driver, session } = link;
  try {
    if (session.state().state === 'retrying') session.want({ force: true });
    await session.ready(maxLinkLossMs);
    const argv = connectedCommands.fetch({ via, isDryRun, acknowledged });
    if (!(await waitUntilEnded((words) => isRunning(session, words), argv))) return null;
    return await driver.licence();
  } catch (thrown) {
    if (thrown instanceof AppError) return null;
    throw thrown;
  }
}

/** Reads the licence back. If it is not the one that the command installed, installs the one before again. */
async function confirmInstalled(
  request: WindowRequest,
  via: number,
  { before, output }: Pick<WindowFacts, 'before' | 'output'>,
): Promise<Pick<WindowFacts, 'after' | 'restored'>> {
  const after = await readInstalled(request, via);
  const expected = findExpected(output);
  if (after === null || expected === null) return { after, restored: null };
  const differences = findReadBackDifferences(after, expected);
  if (differences.length === 0) return { after, restored: null };
  const { link, recordRollback } = request;
  const restored = await restoreLicence(
    { driver: link.driver, recordRollback },
    { differences, previous: before.sequence },
  );
  return { after: await readInstalled(request, via), restored };
}

/** Runs the command once, closes the window, and reads the licence back. Never rejects because of the appliance. */
async function runAndClose(
  request: WindowRequest,
  lent: LentPort,
  before: LicenceShowOutput,
): Promise<WindowFacts> {
  const { isDryRun } = request;
  const { output, failure } = await runCommand(request, lent);
  request.onClosing();
  const closed = await lent.close('command-ended');
  request.onClosed(closed);
  const installed = await confirmInstalled(request, lent.port, { before, output });
  const proven = await askAgain(request, lent.port, closed);
  recordClosed(request, lent, proven);
  request.onClosed(proven);
  return { isDryRun, before, output, failure, ...installed };
}

const notAcknowledged = 'The licence takes something away that was not acknowledged. Nothing was changed.';

/** Runs `work` with an audit record, whose outcome tells what became of the licence. */
async function recordApply(
  { entry, audit, acknowledged }: WindowRequest,
  via: number,
  work: () => Promise<WindowFacts>,
): Promise<WindowFacts> {
  const command = quoteArgv(connectedCommands.fetch({ via, isDryRun: false, acknowledged }));
  const detail = 'fetched through a connected window';
  const action = { object: entry.name, destination: hopNameOf(entry.target), command, detail };
  let facts: WindowFacts | null = null;
  try {
    return await audit.act({ event: 'licence.apply', ...action }, async () => {
      facts = await work();
      const { result, failure } = buildFinished({ ...facts, tunnels: [] });
      if (result === 'acceptable') throw new AppError('INVALID_INPUT', notAcknowledged);
      if (result !== 'renewed' && failure !== null) throw fromErrorData(failure);
      return facts;
    });
  } catch (thrown) {
    if (facts === null) throw thrown;
    return facts;
  }
}

/**
 * Opens a window, runs the command once, closes the window and reads the licence back. Rejects only if nothing was opened.
 */
export async function runWindow(request: WindowRequest): Promise<WindowFacts> {
  const { entry, link, target, isDryRun, audit, cancelled, clock } = request;
  const before = await link.driver.licence();
  const detail = `at most ${request.seconds} s, ${isDryRun ? 'only to check' : 'to renew the licence'}`;
  const action = { object: entry.name, destination: nameOf(target), detail };
  const lent = await audit.act({ event: 'connectedWindow.open', ...action }, () =>
    lendPort({
      session: link.session,
      target,
      lifeMs: request.seconds * secondMs,
      cancelled,
      clock,
      onClosing: request.onClosing,
    }),
  );
  request.onOpen(lent, before);
  const run = () => runAndClose(request, lent, before);
  return isDryRun ? run() : recordApply(request, lent.port, run);
}

/** Asks again whether the port listens, if the link was lost when the window was closed. */
async function askAgain({ link }: WindowRequest, port: number, closed: WindowClosed): Promise<WindowClosed> {
  if (closed.isListening !== null) return closed;
  const listeners = await findListeners(link.session, port).catch(() => null);
  return { ...closed, isListening: listeners === null ? null : listeners !== 'none' };
}

function recordClosed({ entry, target, audit }: WindowRequest, lent: LentPort, closed: WindowClosed): void {
  const { sentBytes, receivedBytes, connections } = lent.counts();
  const carried = `${sentBytes} bytes sent, ${receivedBytes} received, ${connections} connections`;
  audit.event({
    event: 'connectedWindow.close',
    object: entry.name,
    destination: nameOf(target),
    detail: `${carried}; ${describeClosed(closed)}`,
    result: isProvenClosed(closed) ? 'ok' : 'failed',
  });
}
