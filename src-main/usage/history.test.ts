import { expect, test } from 'vitest';
import { makeAccounts, summarize } from '../../test-support/billing/population.ts';
import { listHistory } from './history.ts';

const kept = (count: number, month: string, takenAt: string) => ({
  plan: null,
  summary: summarize([...makeAccounts(count), ...makeAccounts(1, { active: false, admin: true })], {
    month,
    takenAt,
  }),
});

test('when counts are kept, each day has its point, and a month that was over stands for its last day', () => {
  const points = listHistory([
    kept(9, '2026-11', '2026-11-02T09:00:00.000Z'),
    kept(7, '2026-10', '2026-11-02T09:00:01.000Z'),
    kept(8, '2026-11', '2026-11-01T09:00:00.000Z'),
  ]);
  expect(points).toEqual([
    { day: '2026-10-31', connectors: [{ connector: 'smb', active: 7, total: 8 }] },
    { day: '2026-11-01', connectors: [{ connector: 'smb', active: 8, total: 9 }] },
    { day: '2026-11-02', connectors: [{ connector: 'smb', active: 9, total: 10 }] },
  ]);
});

test('when the last day of a month was counted on that day too, this count is shown', () => {
  const points = listHistory([
    kept(5, '2026-10', '2026-10-31T12:00:00.000Z'),
    kept(7, '2026-10', '2026-11-02T09:00:00.000Z'),
  ]);
  expect(points).toMatchObject([{ day: '2026-10-31', connectors: [{ active: 5 }] }]);
});
