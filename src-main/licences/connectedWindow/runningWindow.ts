import { secondMs } from '../../../src-shared/base/time.ts';
import type { ApplianceEntry } from '../../../src-shared/model/appliance/applianceEntry.ts';
import type { WindowFinished, WindowView } from '../../../src-shared/model/licence/connectedWindow.ts';
import type { LicenceShowOutput } from '../../../src-shared/model/licence/licence.ts';
import type { runWindow } from './runWindow.ts';

export type WindowOpening = {
  applianceId: string;
  confirmed: { host: string; port: number };
  seconds: number;
  isDryRun: boolean;
  acknowledged: string[];
};

export type RunningWindow = ReturnType<typeof createRunningWindow>;

/** The state of one window while it runs, and what the page sees of it. */
export function createRunningWindow(start: {
  entry: ApplianceEntry;
  opening: WindowOpening;
  operator: string;
  clock: () => number;
  /** Stores the window, so that another console knows of it if this one ends. */
  keep: (view: WindowView, before: LicenceShowOutput | null) => void;
}) {
  const { opening, clock } = start;
  const cancelling = new AbortController();
  let lent: Parameters<Parameters<typeof runWindow>[0]['onOpen']>[0] | null = null;
  let view: WindowView = {
    applianceName: start.entry.name,
    ...opening.confirmed,
    isDryRun: opening.isDryRun,
    openedBy: start.operator,
    startedAt: new Date(clock()).toISOString(),
    phase: 'opening',
    lent: null,
    sentBytes: 0,
    receivedBytes: 0,
    connections: 0,
    acknowledged: opening.acknowledged,
    closed: null,
    finished: null,
  };
  const show = (changes: Partial<WindowView>) => {
    view = { ...view, ...changes };
  };
  start.keep(view, null);
  const callbacks: Pick<Parameters<typeof runWindow>[0], 'cancelled' | 'onOpen' | 'onClosing' | 'onClosed'> =
    {
      cancelled: cancelling.signal,
      onOpen: (opened, before) => {
        lent = opened;
        const closesAt = new Date(clock() + opening.seconds * secondMs).toISOString();
        show({ phase: 'open', lent: { port: opened.port, closesAt } });
        start.keep(view, before);
      },
      onClosing: () => show({ phase: 'closing' }),
      onClosed: (closed) => show({ phase: 'closed', closed }),
    };
  return {
    callbacks,
    view: (): WindowView => ({ ...view, ...lent?.counts() }),
    cancel: (why: 'cancelled' | 'policy' = 'cancelled') => cancelling.abort(why),
    finish: (finished: WindowFinished) => show({ phase: 'closed', finished }),
  };
}
