import { expect, test } from 'vitest';
import { rowKeyOf } from './rows.ts';

test('when two repositories of a tenant have no port, their rows have different keys', () => {
  const unplaced = { applianceId: 'kiln', clientId: 'acme', port: null, group: 'docs' };
  const keys = ['drawings', 'letters'].map((repository) => rowKeyOf({ ...unplaced, repository }));
  expect(new Set(keys).size).toBe(2);
});
