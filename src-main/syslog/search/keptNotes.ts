import { AppError } from '../../../src-shared/errors.ts';
import { compareLineAge, type LineAddress, type LineKey } from '../../../src-shared/model/syslog/keptLine.ts';
import {
  logNotesSchema,
  maxBookmarks,
  maxSavedFilters,
  type Bookmark,
  type LogNotes,
  type SavedFilter,
} from '../../../src-shared/model/syslog/logNotes.ts';
import { createSetting } from '../../store/settings.ts';
import type { Store } from '../../store/store.ts';

function limit<Item>(items: readonly Item[], max: number, what: string): Item[] {
  if (items.length <= max) return [...items];
  throw new AppError('INVALID_INPUT', `At most ${max} ${what} are kept. Remove one first.`);
}

const without = (bookmarks: readonly Bookmark[], { source, line }: LineAddress): Bookmark[] =>
  bookmarks.filter((one) => one.source !== source || one.line !== line);

/** Keeps filters, bookmarks and the last line that was looked at, for all operators of this console. */
export function createKeptNotes({ store }: { store: Store }) {
  const setting = createSetting({
    store,
    key: 'logNotes',
    schema: logNotesSchema,
    locks: { values: {}, assertKept: () => undefined },
  });
  const change = (work: (notes: LogNotes) => Partial<LogNotes>): void =>
    store.write(() => {
      const notes = setting.get();
      setting.set({ ...notes, ...work(notes) });
    });

  return {
    get: setting.get,
    /** Throws INVALID_INPUT if there are too many. */
    saveFilter: (filter: SavedFilter): void =>
      change(({ filters }) => ({
        filters: limit(
          [...filters.filter(({ name }) => name !== filter.name), filter].sort((a, b) =>
            a.name.localeCompare(b.name),
          ),
          maxSavedFilters,
          'filters',
        ),
      })),
    removeFilter: (name: string): void =>
      change(({ filters }) => ({ filters: filters.filter((filter) => filter.name !== name) })),
    /** Throws INVALID_INPUT if there are too many. */
    setBookmark: (bookmark: Bookmark): void =>
      change(({ bookmarks }) => ({
        bookmarks: limit(
          [...without(bookmarks, bookmark), bookmark].sort((a, b) => compareLineAge(a.key, b.key)),
          maxBookmarks,
          'bookmarks',
        ),
      })),
    removeBookmark: (address: LineAddress): void =>
      change(({ bookmarks }) => ({ bookmarks: without(bookmarks, address) })),
    markLooked: (key: LineKey): void =>
      change(({ lastLooked }) => ({
        lastLooked: lastLooked !== null && compareLineAge(key, lastLooked) < 0 ? lastLooked : key,
      })),
  };
}
