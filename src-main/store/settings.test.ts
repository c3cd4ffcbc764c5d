import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createSetting } from './settings.ts';
import { openStore, type Store } from './store.ts';

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

const numberSetting = () =>
  createSetting({ store, key: 'n', schema: z.strictObject({ n: z.int() }), initial: { n: 1 } });

test('what was set is there for the next console; what was never set is as it starts', () => {
  expect(numberSetting().get()).toEqual({ n: 1 });
  numberSetting().set({ n: 2 });
  numberSetting().set({ n: 3 });
  expect(numberSetting().get()).toEqual({ n: 3 });
});

test('a value that another version wrote in another shape counts as never set', () => {
  createSetting({ store, key: 'n', schema: z.string(), initial: '' }).set('three');
  expect(numberSetting().get()).toEqual({ n: 1 });
});
