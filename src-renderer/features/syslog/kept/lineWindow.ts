import type { KeptSearch } from '../../../../src-shared/contract/logs.ts';
import type { LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import type { ConsoleClient } from '../../../rpc/client.tsx';
import { createLineReader, findNextLine, pageSize } from './lineReader.ts';
import { createNewLines } from './newLines.ts';
import { createWindowState, type Direction, type WindowSnapshot } from './windowState.ts';

/**
 * The found lines around what is seen. They are loaded in both directions as they are needed, and let go at the far end, so
 * that any number of lines can be walked through in bounded memory. Following adds new lines; pausing counts them.
 */
export function createLineWindow({ client }: { client: Pick<ConsoleClient, 'logs'> }) {
  const window = createWindowState();
  const reader = createLineReader({
    client,
    window,
    onLoaded: (direction) => {
      if (direction === 'older') newLines.readMissed();
    },
  });
  const newLines = createNewLines({ window, reader, showEnd });

  /** Reads the lines next to `after` into the window. */
  const load = (direction: Direction, keyOf: () => LineKey | null, limit?: number): Promise<void> =>
    reader.load(direction, async () => {
      const hasMore = await reader.read(direction, keyOf(), (lines) => window.add(lines, direction), limit);
      window.set(direction === 'older' ? { hasOlder: hasMore } : { hasNewer: hasMore });
    });
  const loadOlder = () => load('older', () => window.snapshot().lines[0]?.kept.key ?? null);
  const loadNewer = () => load('newer', () => window.snapshot().lines.at(-1)?.kept.key ?? null);

  function start(next: Partial<WindowSnapshot>): void {
    reader.stop();
    newLines.clear();
    window.clear(next);
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
    await load('newer', () => before, half);
    await load('older', () => before, half);
  }

  return {
    snapshot: window.snapshot,
    subscribe: window.subscribe,
    has: window.has,
    /** Searches again. `around`: the place to keep; null shows the end and follows. */
    setSearch: (next: KeptSearch | null, around: LineKey | null): Promise<void> => {
      reader.setSearch(next);
      if (next === null) {
        start({});
        return Promise.resolve();
      }
      return around === null ? showEnd() : showAround(around);
    },
    showAround,
    loadOlder: (): void => {
      if (window.snapshot().hasOlder) void loadOlder();
    },
    loadNewer: (): void => {
      if (window.snapshot().hasNewer) void loadNewer();
    },
    retry: (): void => {
      const { lines, isFollowing } = window.snapshot();
      const [first] = lines;
      void (first === undefined || isFollowing ? showEnd() : showAround(first.kept.key));
    },
    noteChange: newLines.noteChange,
    pause: newLines.pause,
    follow: newLines.follow,
    findNext: (found: KeptSearch, direction: Direction, after: LineKey | null): Promise<LineKey | null> =>
      findNextLine(client, found, direction, after),
    /** Stops reading. What was read stays. */
    cancel: (): void => {
      const hasOlder = window.snapshot().hasOlder || reader.isLoading('older');
      reader.stop();
      window.set({ hasOlder, isLoading: false, scannedTo: null });
    },
    close: reader.close,
  };
}

export type LineWindow = ReturnType<typeof createLineWindow>;
