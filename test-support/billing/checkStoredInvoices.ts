import fc from 'fast-check';
import postgres from 'postgres';
import { expect } from 'vitest';
import { openPostgres } from '../../src-appliance/core/accounts/postgresDatabase.ts';
import { planLineKinds } from '../../src-shared/model/billing/charges.ts';
import { priceMonth } from '../../src-shared/model/billing/priceMonth.ts';
import { chooseUsageMonth } from '../../src-shared/model/usage/usageMonth.ts';
import { usageSummarySchema, type UsageSummary } from '../../src-shared/model/usage/usageSummary.ts';
import { accountsNow, startAccountKit } from '../accountKit.ts';
import type { PostgresServer } from '../postgresServer.ts';
import { randomPlans } from './randomPlans.ts';
import { computeInSql, setSqlRounding, type sqlRoundings } from './sqlInvoice.ts';
import { storePopulation, storedConnectors, storedPopulations } from './storedPopulation.ts';

/** The licences of the appliances, by which accounts are internal development. */
const licences = {
  none: { internalDevelopment: false },
  marked: { internalDevelopment: true },
  all: { internalDevelopment: true, isInternalLicence: true },
} as const;
const rules = ['none', 'marked', 'all'] as const;

const cases = fc
  .record({
    // A common year's February, both sides of a new year, and the present month.
    month: fc.constantFrom('2025-12', '2026-01', '2026-02', '2026-11'),
    internal: fc.constantFrom(...rules),
  })
  .chain(({ month, internal }) =>
    fc.record({
      month: fc.constant(month),
      internal: fc.constant(internal),
      plan: randomPlans({
        connectors: storedConnectors,
        from: [null, '2020-01-01', `${month}-10`],
        to: [null, `${month}-19`, `${month}-28`, '2030-12-31'],
      }),
      population: storedPopulations(chooseUsageMonth(month, accountsNow)),
    }),
  );

/** Appliances with each licence, with SQLite and with PostgreSQL, whose accounts a test replaces. */
async function startAppliances(server: PostgresServer) {
  const { configuration, settings } = await server.createDatabase();
  const start = async (rule: (typeof rules)[number], database: string | null) => {
    const kit = await startAccountKit({ configuration: database });
    await kit.license(licences[rule]);
    await kit.init();
    return { rule, kit };
  };
  const inSqlite = await Promise.all(rules.map((rule) => start(rule, null)));
  const inPostgres: typeof inSqlite = [];
  for (const rule of rules) inPostgres.push(await start(rule, configuration));
  const sql = postgres({ ...settings, max: 1, onnotice: () => undefined });
  const database = openPostgres(settings);
  const findKit = (kits: typeof inSqlite, rule: string) => {
    const found = kits.find((one) => one.rule === rule);
    if (found === undefined) throw new Error(`no appliance has the licence ${rule}`);
    return found.kit;
  };
  return {
    query: (text: string, values: string[] = []) => sql.unsafe(text, values).then((rows) => [...rows]),
    store: async (rule: string, population: Parameters<typeof storePopulation>[1]) => {
      await storePopulation(database, population);
      await findKit(inSqlite, rule).use((sqlite) => storePopulation(sqlite, population));
    },
    kitsOf: (rule: string) => [findKit(inSqlite, rule), findKit(inPostgres, rule)],
    stop: async () => {
      await sql.end();
      await database.close();
      for (const { kit } of [...inSqlite, ...inPostgres]) await kit.stop();
    },
  };
}

const isCharged = ({ key }: { key: string }) => !key.startsWith('uncharged/') && key !== 'rounding';

type Options = {
  server: PostgresServer;
  runs: number;
  /** A wrong rounding, or a wrong count, which the check must notice. */
  rounding?: keyof typeof sqlRoundings;
  change?: (summary: UsageSummary) => UsageSummary;
};

/**
 * Prices random populations in both databases with random plans, by the appliance's own summary, and compares each count and
 * amount with those of SQL. Rejects at the first difference. Resolves with how often each kind of line occurred.
 */
export async function checkStoredInvoices({
  server,
  runs,
  rounding = 'right',
  change = (summary) => summary,
}: Options): Promise<ReadonlyMap<string, number>> {
  const appliances = await startAppliances(server);
  await setSqlRounding(appliances.query, rounding);
  const seen = new Map<string, number>();
  try {
    await fc.assert(
      fc.asyncProperty(cases, async ({ plan, month, internal, population }) => {
        await appliances.store(internal, population);
        const expected = await computeInSql(appliances.query, { plan, month, internal });
        for (const kit of appliances.kitsOf(internal)) {
          const { stdout, stderr } = await kit.report('summary', '--month', month);
          expect(stderr).toBe('');
          const invoice = priceMonth(plan, change(usageSummarySchema.parse(JSON.parse(stdout))));
          const lines = invoice.lines.map(({ key, quantity, amount, alternative }) => ({
            key,
            quantity,
            amount: amount.known ? amount.value : amount.reason,
            other: alternative?.count ?? null,
          }));
          expect(lines.filter(isCharged)).toEqual(expected.rows);
          expect(invoice.total).toEqual({ known: true, value: expected.total });
          const difference = lines.find(({ key }) => key === 'rounding')?.amount ?? null;
          expect(difference).toBe(Number(expected.difference) === 0 ? null : expected.difference);
          const uncharged = lines.filter(({ key }) => key.startsWith('uncharged/'));
          expect(
            Object.fromEntries(uncharged.map(({ key, quantity }) => [key.split('/')[1], quantity])),
          ).toEqual(expected.uncharged);
          expect(invoice.plainTextAccounts).toBe(expected.internal);
          for (const { kind } of invoice.lines) seen.set(kind, (seen.get(kind) ?? 0) + 1);
        }
      }),
      { numRuns: runs, endOnFailure: true },
    );
  } finally {
    await appliances.stop();
  }
  return seen;
}

/** Every kind of line that an invoice can have, all of which must occur for the check to mean something. */
export const invoiceLineKinds = [
  ...Object.keys(planLineKinds),
  'included',
  'minimum',
  'rounding',
  'waived',
  'notBilled',
];
