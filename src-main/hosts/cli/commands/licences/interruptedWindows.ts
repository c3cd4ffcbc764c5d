import { formatInstant, dayMs } from '../../../../../src-shared/base/time.ts';
import { AppError } from '../../../../../src-shared/errors.ts';
import type { WindowResult } from '../../../../../src-shared/model/licence/connectedWindow.ts';
import { describeInterrupted } from '../../../../../src-shared/model/licence/interruptedWindow.ts';
import type { Services } from '../../../../services.ts';

/** How long an interrupted window is reported after it was settled. */
const reportedMs = 7 * dayMs;

export type InterruptedWindow = { startedAt: string; result: WindowResult; text: string };

/** What became of the appliance's last window, if its console ended while it was open. Asks the appliance if it is connected. */
export async function findInterruptedWindow(
  { connectedWindow }: Services,
  applianceId: string,
): Promise<InterruptedWindow | null> {
  const view = await connectedWindow.interrupted({ applianceId }).catch((thrown: unknown) => {
    // The link was lost again. What is known without the appliance is reported.
    if (thrown instanceof AppError) return connectedWindow.current({ applianceId });
    throw thrown;
  });
  const text = view === null ? null : describeInterrupted(view);
  if (view?.finished == null || text === null) return null;
  const { startedAt, finished } = view;
  const isOld = Date.now() - Date.parse(startedAt) > reportedMs;
  return isOld && finished.result !== 'unknown' ? null : { startedAt, result: finished.result, text };
}

/** A line for each appliance whose last window was interrupted. */
export const formatInterruptedWindows = (
  rows: readonly { name: string; interruptedWindow: InterruptedWindow | null }[],
): string[] =>
  rows.flatMap(({ name, interruptedWindow: window }) =>
    window === null
      ? []
      : [`${name}: the connected window of ${formatInstant(window.startedAt)}: ${window.text}`],
  );
