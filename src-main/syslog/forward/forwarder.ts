import { toErrorData, type AppError } from '../../../src-shared/errors.ts';
import { backOffMs } from '../../../src-shared/base/backOff.ts';
import type { Clock } from '../../../src-shared/base/clock.ts';
import { minuteMs, secondMs } from '../../../src-shared/base/time.ts';
import type { LogEngine } from '../store/process/engine.ts';
import type { DestinationRows } from './destinationRows.ts';
import type { LogSender } from './sender.ts';
import { readUnsent, type UnsentBatch } from './unsentLines.ts';

/** How often kept lines are looked for while there are none to send **[ours]**. */
const pollMs = secondMs;
/** How long to wait after a receiver refused lines: a person must change something first **[ours]**. */
const refusedDelayMs = minuteMs;

export const forwardPhases = ['waiting', 'sending', 'up-to-date', 'retrying', 'refused'] as const;

/** What is done for a destination. `problem`: why lines can't be sent now, or which lines were refused. */
export type ForwardState = {
  phase: (typeof forwardPhases)[number];
  problem: { code: AppError['code']; message: string } | null;
};

type Appliance = { id: string; name: string };

/** Sends the kept lines of appliances to one destination, each at least once and in order of its file. */
export function createForwarder(options: {
  destinationId: string;
  rows: Pick<DestinationRows, 'has' | 'positions' | 'advance'>;
  engine: () => Pick<LogEngine, 'listSources' | 'searchContext'>;
  appliances: () => readonly Appliance[];
  sender: LogSender;
  clock: Clock;
  onState: (state: ForwardState) => void;
}) {
  const { destinationId, rows, sender, clock } = options;
  let state: ForwardState = { phase: 'waiting', problem: null };

  function setState(next: ForwardState): void {
    if (next.phase === state.phase && next.problem?.message === state.problem?.message) return;
    state = next;
    options.onState(next);
  }

  /** Sends a batch once and records it. Rejects like the sender. */
  async function send({ lines, missed, ...place }: UnsentBatch): Promise<void> {
    setState({ phase: 'sending', problem: state.phase === 'sending' ? state.problem : null });
    const { count, reason } = await sender.send(lines);
    const refused = Math.min(count, lines.length);
    rows.advance(destinationId, { ...place, missed, refused, sent: lines.length - refused });
    if (refused === 0) return;
    const message = `${refused} lines were refused: ${reason}`;
    setState({ phase: 'sending', problem: { code: 'DESTINATION_REFUSED', message } });
  }
  /** Waits after a failure, longer with each one in a row. */
  async function waitAfter(thrown: unknown, failures: number, signal: AbortSignal): Promise<void> {
    sender.close();
    const { code, message } = toErrorData(thrown);
    const isRefused = code === 'DESTINATION_REFUSED';
    setState({ phase: isRefused ? 'refused' : 'retrying', problem: { code, message } });
    await clock.sleep(isRefused ? refusedDelayMs : backOffMs(failures, Math.random), signal);
  }
  /** With a removed destination its positions are gone too, so that all lines would seem unsent. */
  const isOver = (signal: AbortSignal) => signal.aborted || !rows.has(destinationId);

  /** Sends all that is kept now. Returns whether there was anything. Rejects with the first failure. */
  async function sendKept(signal: AbortSignal): Promise<boolean> {
    let hasSent = false;
    for (const appliance of options.appliances()) {
      const positions = rows.positions(destinationId, appliance.id);
      for await (const batch of readUnsent(options.engine(), appliance, positions)) {
        if (isOver(signal)) return hasSent;
        await send(batch);
        hasSent = true;
      }
    }
    return hasSent;
  }

  return {
    state: () => state,
    /** Sends what is kept now, and ends. Rejects with the first failure. */
    runOnce: async (signal: AbortSignal): Promise<void> => {
      try {
        while (!signal.aborted && (await sendKept(signal)));
        setState({ phase: 'up-to-date', problem: state.problem });
      } finally {
        sender.close();
      }
    },
    /** Sends what is kept, and what will be, until `signal` aborts or the destination is removed. Never rejects. */
    run: async (signal: AbortSignal): Promise<void> => {
      let failures = 0;
      while (!signal.aborted) {
        try {
          if (isOver(signal)) break;
          const hasSent = await sendKept(signal);
          failures = 0;
          if (hasSent) continue;
          setState({ phase: 'up-to-date', problem: state.problem });
          await clock.sleep(pollMs, signal);
        } catch (thrown) {
          failures += 1;
          await waitAfter(thrown, failures, signal);
        }
      }
      sender.close();
    },
  };
}
