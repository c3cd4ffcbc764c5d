import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkStoredInvoices, invoiceLineKinds } from '../../../test-support/billing/checkStoredInvoices.ts';
import { startPostgres, type PostgresServer } from '../../../test-support/postgresServer.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

const runs = 1000;

it(`when ${runs} random plans price random accounts in SQLite and in PostgreSQL, SQL agrees on every count and amount`, async () => {
  const seen = await checkStoredInvoices({ server, runs });
  expect(invoiceLineKinds.filter((kind) => (seen.get(kind) ?? 0) < 100)).toEqual([]);
});
