import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from './store.ts';
import { createWriteBehind } from './writeBehind.ts';

let folder: string;
let store: Store;
let saved: string[];
let isDiskFull: boolean;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-behind-'));
  store = openStore({ folder });
  for (const id of ['kiln', 'quay'])
    store.run(
      store.query.insertInto('appliance').values({ id, name: id, entryJson: '{}', createdAt: 'now' }),
    );
  saved = [];
  isDiskFull = false;
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function createValues() {
  return createWriteBehind({
    store,
    load: (applianceId) => new Map([['loaded', applianceId]]),
    save: (applianceId, key: string, values) => {
      if (isDiskFull) throw new Error('disk full');
      saved.push(`${applianceId} ${key} ${values.get(key) ?? 'gone'}`);
    },
  });
}

test('when values change, a flush writes each once, and the next flush writes nothing', () => {
  const values = createValues();
  values.of('kiln').set('a', '1');
  for (const key of ['a', 'a', 'b']) values.touch('kiln', key);
  values.flush();
  values.flush();
  expect(saved).toEqual(['kiln a 1', 'kiln b gone']);
  expect(values.of('quay').get('loaded')).toBe('quay');
});

test('when a flush fails or a value is not due, writes it later', () => {
  const values = createValues();
  values.touch('kiln', 'a');
  values.touch('quay', 'b');
  isDiskFull = true;
  expect(() => values.flush()).toThrow('disk full');
  isDiskFull = false;
  values.flush((applianceId) => applianceId === 'quay');
  expect(saved).toEqual(['quay b gone']);
  values.flush();
  expect(saved).toEqual(['quay b gone', 'kiln a gone']);
});

test('when an appliance is removed, does not write its values', () => {
  const values = createValues();
  values.touch('kiln', 'a');
  values.touch('quay', 'b');
  values.forget('kiln');
  store.run(store.query.deleteFrom('appliance').where('id', '=', 'quay'));
  values.flush();
  expect(saved).toEqual([]);
});
