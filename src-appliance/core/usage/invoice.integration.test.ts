import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkStoredInvoices, invoiceLineKinds } from '../../../test-support/billing/checkStoredInvoices.ts';
import type { UsageSummary } from '../../../src-shared/model/usage/usageSummary.ts';
import { startPostgres, type PostgresServer } from '../../../test-support/postgresServer.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

/** `invoice.soak.test.ts` has a thousand. */
const runs = 100;
/** So many that a wrong one among them is certain. */
const controlRuns = 5000;

/** Counts one active admin account more on each connector. */
const change = (summary: UsageSummary): UsageSummary => ({
  ...summary,
  connectors: summary.connectors.map(({ accounts, ...rest }) => {
    const { billable } = accounts.active;
    const active = { ...accounts.active, billable: { ...billable, admin: billable.admin + 1 } };
    return { ...rest, accounts: { ...accounts, active } };
  }),
});

describe('the preview of an invoice from the accounts in SQLite and in PostgreSQL', () => {
  it(`when ${runs} random plans price random accounts, SQL agrees on every count and amount`, async () => {
    const seen = await checkStoredInvoices({ server, runs });
    expect(invoiceLineKinds.filter((kind) => (seen.get(kind) ?? 0) < 3)).toEqual([]);
  });

  it.each(['rounds a half down', 'always rounds down'] as const)(
    'when SQL %s, the comparison fails',
    async (rounding) => {
      await expect(checkStoredInvoices({ server, runs: controlRuns, rounding })).rejects.toThrow(
        'Property failed',
      );
    },
  );

  it('when one account more is counted, the comparison fails', async () => {
    await expect(checkStoredInvoices({ server, runs: controlRuns, change })).rejects.toThrow(
      'Property failed',
    );
  });
});
