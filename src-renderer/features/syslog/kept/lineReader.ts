import type { FoundLines, KeptSearch } from '../../../../src-shared/contract/logs.ts';
import type { LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import type { ConsoleClient } from '../../../rpc/client.tsx';
import { toErrorData } from '../../../rpc/errors.ts';
import { showLine, type ShownLine } from './shownLine.ts';
import type { Direction, WindowState } from './windowState.ts';

/** Lines that are loaded at once. */
export const pageSize = 500;

/** Reads the lines of one search for a window, and shows there that it loads and what failed. */
export function createLineReader(options: {
  client: Pick<ConsoleClient, 'logs'>;
  window: WindowState;
  /** Called when a load has ended, also when it failed, but not when it was stopped. */
  onLoaded: (direction: Direction) => void;
}) {
  const { client, window, onLoaded } = options;
  let search: KeptSearch | null = null;
  let ending = new AbortController();
  const loading: Record<Direction, boolean> = { older: false, newer: false };

  return {
    search: () => search,
    /** The search of what is read from now on. Does not stop what is being read. */
    setSearch: (next: KeptSearch | null): void => {
      search = next;
    },
    isLoading: (direction: Direction): boolean => loading[direction],
    /** Reads lines next to `after`. Returns whether there may be more. Rejects when it is stopped. */
    read: async (
      direction: Direction,
      after: LineKey | null,
      onLines: (lines: ShownLine[]) => void,
      limit = pageSize,
    ): Promise<boolean> => {
      const { signal } = ending;
      if (search === null) return false;
      const batches: AsyncIterable<FoundLines> = await client.logs.lines(
        { search, direction, after, limit },
        { signal },
      );
      for await (const batch of batches) {
        signal.throwIfAborted();
        if (window.snapshot().lines.length === 0) window.set({ scannedTo: batch.scannedTo });
        onLines(batch.lines.map(showLine));
        if (batch.isDone) return false;
      }
      return true;
    },
    /** Runs one load per direction at a time, and shows its failure. */
    load: async (direction: Direction, work: () => Promise<void>): Promise<void> => {
      if (loading[direction]) return;
      const { signal } = ending;
      loading[direction] = true;
      window.set({ isLoading: true });
      try {
        await work();
        if (!signal.aborted) window.set({ error: null });
      } catch (thrown) {
        if (!signal.aborted) window.set({ error: toErrorData(thrown) });
      } finally {
        if (!signal.aborted) {
          loading[direction] = false;
          window.set({ isLoading: loading.older || loading.newer, scannedTo: null });
          onLoaded(direction);
        }
      }
    },
    /** Stops all loads. Others can start at once. */
    stop: (): void => {
      ending.abort();
      ending = new AbortController();
      loading.older = false;
      loading.newer = false;
    },
    close: (): void => ending.abort(),
  };
}

export type LineReader = ReturnType<typeof createLineReader>;

/** The nearest line in a direction that `search` finds, wherever it is; null without such a line. */
export async function findNextLine(
  client: Pick<ConsoleClient, 'logs'>,
  search: KeptSearch,
  direction: Direction,
  after: LineKey | null,
): Promise<LineKey | null> {
  const batches = await client.logs.lines({ search, direction, after, limit: 1 });
  for await (const { lines } of batches) {
    const [line] = lines;
    if (line !== undefined) return line.key;
  }
  return null;
}
