import type { LineReader } from './lineReader.ts';
import type { ShownLine } from './shownLine.ts';
import type { WindowState } from './windowState.ts';

/** New lines that wait while the log is paused; of more, only the number is bounded. */
const maxUnseen = 5000;

/** Adds new lines to a window while it follows the log. Keeps them, and counts them, while it is paused. */
export function createNewLines(options: {
  window: WindowState;
  reader: LineReader;
  /** Shows the end of the log again if too many lines are new. */
  showEnd: () => Promise<void>;
}) {
  const { window, reader, showEnd } = options;
  /** New lines that are not shown while the log is paused. */
  let waiting: ShownLine[] = [];
  let isChanged = false;

  const newestKey = () => (waiting.at(-1) ?? window.snapshot().lines.at(-1))?.kept.key;
  function take(lines: ShownLine[]): void {
    if (window.snapshot().isFollowing) return window.add(lines, 'newer');
    waiting = [...waiting, ...lines];
    window.set({ unseen: waiting.length });
  }

  /** Reads what was kept since the newest known line. */
  function readNew(): void {
    const { hasNewer, isFollowing, lines } = window.snapshot();
    if (hasNewer && isFollowing) return void showEnd();
    // The first lines are still being read: those after them are not known, and all would come twice.
    if (reader.isLoading('older') && lines.length === 0) return;
    void reader.load('newer', async () => {
      const last = newestKey() ?? null;
      if (window.snapshot().hasNewer || waiting.length >= maxUnseen) return;
      while (isChanged) {
        isChanged = false;
        const hasMore = await reader.read('newer', newestKey() ?? last, take);
        isChanged ||= hasMore && waiting.length < maxUnseen;
      }
    });
  }

  return {
    /** More lines may be kept now. */
    noteChange: (): void => {
      const search = reader.search();
      if (search === null || search.to !== null) return;
      isChanged = true;
      readNew();
    },
    /** Reads new lines that could not be read before. */
    readMissed: (): void => {
      if (isChanged) readNew();
    },
    pause: (): void => {
      if (window.snapshot().isFollowing) window.set({ isFollowing: false });
    },
    follow: (): void => {
      const { isFollowing, hasNewer } = window.snapshot();
      if (isFollowing) return;
      if (hasNewer || waiting.length >= maxUnseen) return void showEnd();
      const shown = waiting;
      waiting = [];
      window.set({ isFollowing: true, unseen: 0 });
      window.add(shown, 'newer');
      readNew();
    },
    /** Forgets what waits. */
    clear: (): void => {
      waiting = [];
      isChanged = false;
    },
  };
}
