import { expect, test } from 'vitest';
import { compareConfigurations } from '../../../src-shared/model/configuration/configurationChanges.ts';
import { createDiffRows } from '../../ui/diff/diffRows.ts';
import { showLines } from './showLines.ts';

const mask = '••••••••';

test('when a secret is replaced, its line differs and shows neither value', () => {
  const before = { text: `db:\n  password: "${mask}"\n`, marks: new Map([['db.password', 'a']]) };
  const after = { text: 'db:\n  password: n3w-s3cret\n', marks: before.marks };
  const changes = compareConfigurations(before, after);
  const rows = createDiffRows(showLines(before) ?? '', showLines(after, changes) ?? '', true);
  expect(rows).toMatchObject([
    { kind: 'same', before: { text: 'db:' } },
    {
      kind: 'changed',
      before: { text: `  password: "${mask}"` },
      after: { text: `  password: "${mask}"  (another secret)` },
    },
  ]);
});

test('when a text is no YAML, it is not shown, because its secrets can’t be found', () => {
  expect(showLines({ text: 'db: [n3w-s3cret', marks: new Map() })).toBeNull();
});
