import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { applianceEntrySchema } from '../../../src-shared/model/appliance/applianceEntry.ts';
import { anEntry } from '../../../test-support/anEntry.ts';
import { inventory } from './0001-inventory.ts';
import { applianceMarks } from './0011-appliance-marks.ts';

test('when an entry is from an older version, it has no tags and no colour, and is unlocked', () => {
  const sqlite = new Database(':memory:');
  sqlite.exec(inventory.sql);
  const { tags: _, colour: __, locked: ___, ...before } = anEntry('kiln');
  sqlite.prepare("INSERT INTO appliance VALUES ('1', 'kiln', ?, 'now')").run(JSON.stringify(before));
  sqlite.exec(applianceMarks.sql);
  const stored: unknown = JSON.parse(
    String(sqlite.prepare('SELECT entry_json FROM appliance').pluck().get()),
  );
  expect(stored).toEqual({ ...before, tags: [], colour: 'none', locked: false });
  applianceEntrySchema.parse(stored);
  sqlite.close();
});
