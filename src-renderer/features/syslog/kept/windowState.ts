import { createEmitter } from '../../../../src-shared/base/emitter.ts';
import type { ErrorData } from '../../../../src-shared/errors.ts';
import { compareLineAge, type LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import type { ShownLine } from './shownLine.ts';

/** Lines that stay in memory around what is seen. */
export const maxLines = 10_000;

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

export type Direction = 'older' | 'newer';

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

/** What a window of lines shows. Lines beyond `maxLines` are let go at the far end. */
export function createWindowState() {
  const changes = createEmitter();
  let state = empty;

  function set(change: Partial<WindowSnapshot>): void {
    state = { ...state, ...change };
    changes.emit();
  }
  return {
    snapshot: () => state,
    subscribe: changes.on,
    set,
    /** Shows no lines. It follows as before unless `next` says otherwise. */
    clear: (next: Partial<WindowSnapshot>): void =>
      set({ ...empty, isFollowing: state.isFollowing, ...next }),
    /** Adds lines in the order in which they were read: those of 'older' are newest first. */
    add: (found: readonly ShownLine[], direction: Direction): void => {
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
    },
    /** Whether a key is between the first and the last line. */
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
  };
}

export type WindowState = ReturnType<typeof createWindowState>;
