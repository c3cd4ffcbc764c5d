import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { numberSetting } from '../../src-shared/base/settingFields.ts';
import { AppError } from '../../src-shared/errors.ts';
import { createSetting, type SettingLocks } from './settings.ts';
import { openStore, type Store } from './store.ts';

const number = { label: '', inputLabel: '', unit: '' };
let folder: string;
let store: Store;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-settings-'));
  store = openStore({ folder });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const schema = z.strictObject({
  atOnce: numberSetting({ ...number, min: 1, max: 32, default: 8 }),
  everyMinutes: numberSetting({ ...number, min: 1, max: 60, default: 5 }),
});
const noLocks: SettingLocks = { values: {}, assertKept: () => undefined };
const openSetting = (locks = noLocks) => createSetting({ store, key: 'probing', schema, locks });
/** Writes the row as another version of the program could have written it. */
const saveRaw = (value: unknown) =>
  store.run(store.query.insertInto('setting').values({ key: 'probing', valueJson: JSON.stringify(value) }));

test('when settings were saved, the next console reads them; otherwise it reads the defaults', () => {
  expect(openSetting().get()).toEqual({ atOnce: 8, everyMinutes: 5 });
  openSetting().set({ atOnce: 2, everyMinutes: 5 });
  openSetting().set({ atOnce: 3, everyMinutes: 6 });
  expect(openSetting().get()).toEqual({ atOnce: 3, everyMinutes: 6 });
});

test('when another version saved other fields, keeps the known ones', () => {
  saveRaw({ atOnce: 3, perDay: 7 });
  expect(openSetting().get()).toEqual({ atOnce: 3, everyMinutes: 5 });
});

test.each([
  [
    { atOnce: 3, everyMinutes: 61 },
    { atOnce: 3, everyMinutes: 5 },
  ],
  [
    { atOnce: 'three', everyMinutes: 6 },
    { atOnce: 8, everyMinutes: 6 },
  ],
  ['three', { atOnce: 8, everyMinutes: 5 }],
  [null, { atOnce: 8, everyMinutes: 5 }],
])('when %j was saved, invalid fields have their defaults', (saved, read) => {
  saveRaw(saved);
  expect(openSetting().get()).toEqual(read);
});

test('rejects invalid settings, and keeps the saved ones', () => {
  openSetting().set({ atOnce: 3, everyMinutes: 6 });
  expect(() => openSetting().set({ atOnce: 33, everyMinutes: 6 })).toThrow('Too big');
  expect(openSetting().get()).toEqual({ atOnce: 3, everyMinutes: 6 });
});

test('when a field is locked, reads its lock, refuses another value, and keeps what was saved before', () => {
  const refused = new AppError('POLICY_FORBIDS', 'locked');
  const locks: SettingLocks = {
    values: { atOnce: 2 },
    assertKept: (next) => {
      if (next['atOnce'] !== 2) throw refused;
    },
  };
  openSetting().set({ atOnce: 3, everyMinutes: 6 });
  const locked = openSetting(locks);
  expect(locked.get()).toEqual({ atOnce: 2, everyMinutes: 6 });
  expect(() => locked.set({ atOnce: 4, everyMinutes: 7 })).toThrow(refused);
  expect(locked.get()).toEqual({ atOnce: 2, everyMinutes: 6 });
  locked.set({ atOnce: 2, everyMinutes: 7 });
  expect(locked.get()).toEqual({ atOnce: 2, everyMinutes: 7 });
  expect(openSetting().get()).toEqual({ atOnce: 3, everyMinutes: 7 });
});
