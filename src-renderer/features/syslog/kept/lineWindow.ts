import type { FoundLines, KeptSearch } from '../../../../src-shared/contract/logs.ts';
import { createEmitter } from '../../../../src-shared/base/emitter.ts';
import type { ErrorData } from '../../../../src-shared/errors.ts';
import { compareLineAge, type LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import type { ConsoleClient } from '../../../rpc/client.tsx';
import { toErrorData } from '../../../rpc/errors.ts';
import { showLine, type ShownLine } from './shownLine.ts';

/** Lines that are loaded at once, and that stay in memory around what is seen. */
export const pageSize = 500;
export const maxLines = 10_000;
/** New lines that wait while the log is paused; of more, only the number is bounded. */
export const maxUnseen = 5000;

export type WindowSnapshot = {
  /** Oldest first. */
  lines: readonly ShownLine[];
  hasOlder: boolean;
  hasNewer: boolean;
  isLoading: boolean;
  /** The time up to which a search without results yet has come. */
  scannedTo: number | null;
  isFollowing: boolean;
  unseen: number;
  error: ErrorData | null;
};

type Direction = 'older' | 'newer';

const empty: WindowSnapshot = {
  lines: [],
  hasOlder: false,
  hasNewer: false,
  isLoading: false,
  scannedTo: null,
  isFollowing: true,
  unseen: 0,
  error: null,
};

/**
 * The found lines around what is seen. They are loaded in both directions as they are needed, and let go at the far end, so
 * that any number of lines can be walked through in bounded memory. Following adds new lines; pausing counts them.
 */
export function createLineWindow({ client }: { client: Pick<ConsoleClient, 'logs'> }) {
  const changes = createEmitter();
  let state = empty;
  let search: KeptSearch | null = null;
  let ending = new AbortController();
  const loading: Record<Direction, boolean> = { older: false, newer: false };
  /** New lines that are not shown while the log is paused. */
  let waiting: ShownLine[] = [];
  let isChanged = false;

  function set(change: Partial<WindowSnapshot>): void {
    state = { ...state, ...change };
    changes.emit();
  }
  function add(found: readonly ShownLine[], direction: Direction): void {
    const { lines } = state;
    if (direction === 'older') {
      const joined = [...found.toReversed(), ...lines];
      const isCut = joined.length > maxLines;
      set({ lines: isCut ? joined.slice(0, maxLines) : joined, ...(isCut ? { hasNewer: true } : {}) });
    } else {
      const joined = [...lines, ...found];
      const isCut = joined.length > maxLines;
      set({ lines: isCut ? joined.slice(-maxLines) : joined, ...(isCut ? { hasOlder: true } : {}) });
    }
  }

  /** Reads lines next to `after`. Returns whether there may be more. Rejects when it is stopped. */
  async function read(
    direction: Direction,
    after: LineKey | null,
    onLines: (lines: ShownLine[]) => void,
    limit = pageSize,
  ): Promise<boolean> {
    const { signal } = ending;
    if (search === null) return false;
    const batches: AsyncIterable<FoundLines> = await client.logs.lines(
      { search, direction, after, limit },
      { signal },
    );
    for await (const batch of batches) {
      signal.throwIfAborted();
      if (state.lines.length === 0) set({ scannedTo: batch.scannedTo });
      onLines(batch.lines.map(showLine));
      if (batch.isDone) return false;
    }
    return true;
  }
  /** Runs one load per direction at a time, and shows its failure. */
  async function load(direction: Direction, work: () => Promise<void>): Promise<void> {
    if (loading[direction]) return;
    const { signal } = ending;
    loading[direction] = true;
    set({ isLoading: true });
    try {
      await work();
      if (!signal.aborted) set({ error: null });
    } catch (thrown) {
      if (!signal.aborted) set({ error: toErrorData(thrown) });
    } finally {
      if (!signal.aborted) {
        loading[direction] = false;
        set({ isLoading: loading.older || loading.newer, scannedTo: null });
        if (direction === 'older' && isChanged) readNew();
      }
    }
  }
  const loadOlder = (): Promise<void> =>
    load('older', async () => {
      const first = state.lines[0]?.kept.key ?? null;
      const hasOlder = await read('older', first, (lines) => add(lines, 'older'));
      set({ hasOlder });
    });
  const loadNewer = (): Promise<void> =>
    load('newer', async () => {
      const last = state.lines.at(-1)?.kept.key ?? null;
      const hasNewer = await read('newer', last, (lines) => add(lines, 'newer'));
      set({ hasNewer });
    });

  /** Reads what was kept since the newest known line. */
  function readNew(): void {
    if (state.hasNewer && state.isFollowing) return void showEnd();
    // The first lines are still being read: those after them are not known, and all would come twice.
    if (loading.older && state.lines.length === 0) return;
    void load('newer', async () => {
      const last = (waiting.at(-1) ?? state.lines.at(-1))?.kept.key ?? null;
      if (state.hasNewer || waiting.length >= maxUnseen) return;
      while (isChanged) {
        isChanged = false;
        const hasMore = await read(
          'newer',
          (waiting.at(-1) ?? state.lines.at(-1))?.kept.key ?? last,
          (lines) => {
            if (state.isFollowing) return add(lines, 'newer');
            waiting = [...waiting, ...lines];
            set({ unseen: waiting.length });
          },
        );
        isChanged ||= hasMore && waiting.length < maxUnseen;
      }
    });
  }
  function start(next: Partial<WindowSnapshot>): void {
    ending.abort();
    ending = new AbortController();
    loading.older = false;
    loading.newer = false;
    waiting = [];
    isChanged = false;
    set({ ...empty, isFollowing: state.isFollowing, ...next });
  }
  function showEnd(): Promise<void> {
    start({ isFollowing: true });
    return loadOlder();
  }
  /** Shows the lines around a key, with the line of this key if it is found. */
  async function showAround(key: LineKey): Promise<void> {
    start({ isFollowing: false });
    const half = Math.floor(pageSize / 2);
    // The line itself comes with the newer ones.
    const before = { ...key, line: key.line - 0.25 };
    await load('newer', async () => {
      const hasNewer = await read('newer', before, (lines) => add(lines, 'newer'), half);
      set({ hasNewer });
    });
    await load('older', async () => {
      const hasOlder = await read('older', before, (lines) => add(lines, 'older'), half);
      set({ hasOlder });
    });
  }

  return {
    snapshot: () => state,
    subscribe: changes.on,
    /** Searches again. `around`: the place to keep; null shows the end and follows. */
    setSearch: (next: KeptSearch | null, around: LineKey | null): Promise<void> => {
      search = next;
      if (next === null) {
        start({});
        return Promise.resolve();
      }
      return around === null ? showEnd() : showAround(around);
    },
    showAround,
    loadOlder: (): void => {
      if (state.hasOlder) void loadOlder();
    },
    loadNewer: (): void => {
      if (state.hasNewer) void loadNewer();
    },
    retry: (): void => {
      const [first] = state.lines;
      void (first === undefined || state.isFollowing ? showEnd() : showAround(first.kept.key));
    },
    /** More lines may be kept now. */
    noteChange: (): void => {
      if (search === null || search.to !== null) return;
      isChanged = true;
      readNew();
    },
    pause: (): void => {
      if (state.isFollowing) set({ isFollowing: false });
    },
    follow: (): void => {
      if (state.isFollowing) return;
      if (state.hasNewer || waiting.length >= maxUnseen) return void showEnd();
      const shown = waiting;
      waiting = [];
      set({ isFollowing: true, unseen: 0 });
      add(shown, 'newer');
      readNew();
    },
    /** The nearest line in a direction that `found` finds, wherever it is; null without such a line. */
    findNext: async (
      found: KeptSearch,
      direction: Direction,
      after: LineKey | null,
    ): Promise<LineKey | null> => {
      const batches = await client.logs.lines({ search: found, direction, after, limit: 1 });
      for await (const { lines } of batches) {
        const [line] = lines;
        if (line !== undefined) return line.key;
      }
      return null;
    },
    has: (key: LineKey): boolean => {
      const { lines } = state;
      const [first, last] = [lines[0], lines.at(-1)];
      return (
        first !== undefined &&
        last !== undefined &&
        compareLineAge(first.kept.key, key) <= 0 &&
        compareLineAge(key, last.kept.key) <= 0
      );
    },
    /** Stops reading. What was read stays. */
    cancel: (): void => {
      ending.abort();
      ending = new AbortController();
      const hasOlder = state.hasOlder || loading.older;
      loading.older = false;
      loading.newer = false;
      set({ hasOlder, isLoading: false, scannedTo: null });
    },
    close: (): void => ending.abort(),
  };
}

export type LineWindow = ReturnType<typeof createLineWindow>;
