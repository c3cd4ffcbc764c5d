import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { maxSavedFilters } from '../../../src-shared/model/syslog/logNotes.ts';
import { openStore, type Store } from '../../store/store.ts';
import { createKeptNotes } from './keptNotes.ts';

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-notes-'));
  store = openStore({ folder, onPollFailed: () => undefined });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const keyOf = (line: number) => ({ sort: 1000 + line, rank: 0, source: 1, line });
const bookmarkOf = (line: number, note: string) => ({
  source: 1,
  line,
  key: keyOf(line),
  applianceId: '00000000-0000-4000-8000-000000000001',
  text: `line ${line}`,
  note,
});

test('filters and bookmarks are kept in order, replaced by name and line, and removed', () => {
  const notes = createKeptNotes({ store });
  notes.saveFilter({ name: 'errors', query: 'severity:<=err' });
  notes.saveFilter({ name: 'cron', query: 'CRON' });
  notes.saveFilter({ name: 'errors', query: 'severity:<=crit' });
  notes.setBookmark(bookmarkOf(2, 'second'));
  notes.setBookmark(bookmarkOf(1, 'first'));
  notes.setBookmark(bookmarkOf(2, 'changed'));
  expect(createKeptNotes({ store }).get()).toMatchObject({
    filters: [
      { name: 'cron', query: 'CRON' },
      { name: 'errors', query: 'severity:<=crit' },
    ],
    bookmarks: [{ note: 'first' }, { note: 'changed' }],
  });
  notes.removeFilter('cron');
  notes.removeBookmark({ source: 1, line: 1 });
  expect(notes.get()).toMatchObject({ filters: [{ name: 'errors' }], bookmarks: [{ line: 2 }] });
});

test('when an older line is marked as looked at, the newer one stays', () => {
  const notes = createKeptNotes({ store });
  notes.markLooked(keyOf(5));
  notes.markLooked(keyOf(3));
  expect(notes.get().lastLooked).toEqual(keyOf(5));
});

test('when there are too many filters, rejects with INVALID_INPUT and keeps the others', () => {
  const notes = createKeptNotes({ store });
  for (let at = 0; at < maxSavedFilters; at += 1) notes.saveFilter({ name: `filter ${at}`, query: 'a' });
  expect(() => notes.saveFilter({ name: 'more', query: 'a' })).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT' }),
  );
  expect(notes.get().filters).toHaveLength(maxSavedFilters);
});
