import { createApplianceTail, type ApplianceTail } from '../applianceTail.ts';
import type { TailSource } from '../syslog.ts';
import type { KeptHistory } from './keptHistory.ts';
import type { KeptLogs } from './keptLogs.ts';
import { createKeptTail } from './keptTail.ts';

type TailOptions = Pick<
  Parameters<typeof createKeptTail>[0],
  'applianceId' | 'history' | 'onLines' | 'onRowsRemoved' | 'onTrouble'
>;

/**
 * Follows a log through the store. If the appliance can't run the script that reads files by position, follows it by
 * `tail`, which keeps nothing and may miss lines during a cut.
 */
export function createLogTail(
  source: Pick<TailSource, 'start' | 'findProblem' | 'onLinkUp'> & {
    logs: Pick<KeptLogs, 'keep' | 'stateOf' | 'problemOf' | 'onEvent'>;
    readHistory: (applianceId: string, limit: number) => Promise<KeptHistory>;
    clock: () => number;
  },
  options: TailOptions,
): ApplianceTail {
  const { applianceId } = options;
  const historyRead = Promise.withResolvers<void>();
  let isStopped = false;
  let current: ApplianceTail | null = null;

  async function resolveWith(tail: ApplianceTail): Promise<void> {
    await tail.historyRead;
    if (tail === current) historyRead.resolve();
  }
  function followByTail(): void {
    if (isStopped) return;
    const kept = current;
    current = createApplianceTail({
      ...options,
      clock: source.clock,
      start: (count) => source.start(applianceId, count),
      findProblem: () => source.findProblem(applianceId),
      onLinkUp: (listener) => source.onLinkUp(applianceId, listener),
    });
    void resolveWith(current);
    kept?.stop();
  }
  const first = createKeptTail({
    ...options,
    ...source,
    // Later than this call, which needs the tail.
    onRefused: () => queueMicrotask(followByTail),
  });
  current = first;
  void resolveWith(first);
  const tail = () => current ?? first;

  return {
    lines: () => tail().lines(),
    linesPerSecond: () => tail().linesPerSecond(),
    trouble: () => tail().trouble(),
    historyRead: historyRead.promise,
    stop: () => {
      isStopped = true;
      historyRead.resolve();
      tail().stop();
    },
  };
}
