import { expect, test } from 'vitest';
import { usageSummarySchema } from './usageSummary.ts';

const role = (admin: number, nonAdmin: number) => ({ admin, nonAdmin });
const smb = {
  connector: 'smb',
  accounts: {
    active: { billable: role(3, 40), internal: role(1, 2) },
    inactive: { billable: role(0, 9), internal: role(0, 0) },
  },
  endUsers: {
    active: { billable: role(3, 38), all: role(4, 39) },
    total: { billable: role(3, 45), all: role(4, 46) },
  },
};
const summary = {
  contract: 1,
  applianceId: '5b3c1d7e-6a0f-4c52-9d1b-0f6f3f1d2a10',
  month: '2026-11',
  takenAt: '2026-11-20T09:31:00.000Z',
  cutShort: null,
  connectors: [smb],
  endUsers: smb.endUsers,
};

test('when a summary is complete, it is read with its counts and assumes no change', () => {
  expect(usageSummarySchema.parse(summary)).toEqual({ ...summary, assumed: null });
});

test.each([
  [
    'a negative count',
    {
      connectors: [
        { ...smb, endUsers: { ...smb.endUsers, total: { billable: role(-1, 0), all: role(0, 0) } } },
      ],
    },
  ],
  ['month 13', { month: '2026-13' }],
  ['a connector twice', { connectors: [smb, smb] }],
  ['the name of an account', { connectors: [{ ...smb, account: 'anna@example.com' }] }],
  ['no reason for missing counts', { cutShort: '' }],
])('when a summary has %s, it is rejected', (_what, change) => {
  expect(usageSummarySchema.safeParse({ ...summary, ...change }).success).toBe(false);
});
