import { expect, test } from 'vitest';
import { migrations } from './index.ts';

test('migrations are numbered without a gap, because a number that was applied already is skipped', () => {
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
});
