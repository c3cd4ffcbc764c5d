import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { applianceEntrySchema } from '../../../src-shared/model/appliance/applianceEntry.ts';
import { anEntry } from '../../../test-support/anEntry.ts';
import { inventory } from './0001-inventory.ts';
import { legacyAlgorithms } from './0009-legacy-algorithms.ts';

test('entries of older versions allow no legacy algorithms; the setting is kept', () => {
  const sqlite = new Database(':memory:');
  sqlite.exec(inventory.sql);
  const { legacyAlgorithms: _, ...before } = anEntry('kiln');
  const after = { ...anEntry('forge'), legacyAlgorithms: true };
  const insert = sqlite.prepare("INSERT INTO appliance VALUES (?, ?, ?, 'now')");
  insert.run('1', 'kiln', JSON.stringify(before));
  insert.run('2', 'forge', JSON.stringify(after));
  sqlite.exec(legacyAlgorithms.sql);
  const entries = sqlite.prepare('SELECT entry_json FROM appliance ORDER BY id').pluck().all();
  expect(entries.map((entry) => JSON.parse(String(entry)))).toEqual([
    { ...before, legacyAlgorithms: false },
    after,
  ]);
  for (const entry of entries) applianceEntrySchema.parse(JSON.parse(String(entry)));
  sqlite.close();
});
