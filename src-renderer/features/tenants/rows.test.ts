import { expect, test } from 'vitest';
import { rowKeyOf } from './rows.ts';

test('repositories of one tenant that found no port are told apart', () => {
  const unplaced = { applianceId: 'kiln', clientId: 'acme', port: null, group: 'docs' };
  const keys = ['drawings', 'letters'].map((repository) => rowKeyOf({ ...unplaced, repository }));
  expect(new Set(keys).size).toBe(2);
});
