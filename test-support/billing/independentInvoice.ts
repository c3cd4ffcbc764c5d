import type { BillingPlan, PlanLine } from '../../src-shared/model/billing/billingPlan.ts';
import type { Selection } from '../../src-shared/model/billing/selection.ts';
import type { TestAccount } from './population.ts';

/*
 * A second computation of an invoice, straight from the accounts and in whole millionths. It shares no code with the
 * program: it goes through accounts, units and days one at a time.
 */

type Row = { key: string; quantity: number; amount: bigint };

const digitsOf: Record<string, number> = { EUR: 2, JPY: 0, KWD: 3, CLF: 4 };

function millionths(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(6, '0'));
}

/** `numerator / denominator` as a whole number. */
function roundTo(numerator: bigint, denominator: bigint, rule: string): bigint {
  const below = numerator / denominator;
  const twiceRest = (numerator - below * denominator) * 2n;
  if (twiceRest === 0n || rule === 'down') return below;
  if (rule === 'up') return below + 1n;
  if (twiceRest !== denominator) return twiceRest > denominator ? below + 1n : below;
  return rule === 'half-even' && below % 2n === 0n ? below : below + 1n;
}

function daysOf(plan: BillingPlan, month: string): { charged: bigint; all: bigint } {
  let charged = 0n;
  let all = 0n;
  for (let day = new Date(`${month}-01T12:00:00Z`); day.toISOString().startsWith(month);) {
    const name = day.toISOString().slice(0, 10);
    all += 1n;
    if ((plan.from === null || name >= plan.from) && (plan.to === null || name <= plan.to)) charged += 1n;
    day = new Date(day.getTime() + 86_400_000);
  }
  return { charged, all };
}

type Counted = Exclude<PlanLine, { kind: 'flat' }>['counted'];
const counts = (counted: Counted, account: TestAccount) =>
  (counted.activity === 'total' || account.active) &&
  (counted.internal === 'counted' || !account.internal) &&
  (counted.connectors === null || counted.connectors.includes(account.connector));

/** The units of a line, counted one account at a time. */
function countUnits(counted: Counted, accounts: readonly TestAccount[]): number {
  const among = accounts.filter((account) => counts(counted, account));
  const isAdminRole = (admin: boolean) => counted.role === 'all' || (counted.role === 'admin') === admin;
  if (counted.unit === 'account') return among.filter(({ admin }) => isAdminRole(admin)).length;
  if (counted.unit === 'connector')
    return new Set(among.filter(({ admin }) => isAdminRole(admin)).map(({ connector }) => connector)).size;
  const users = new Map<string, boolean>();
  for (const { user, admin } of among) users.set(user, admin || users.get(user) === true);
  return [...users.values()].filter(isAdminRole).length;
}

const tierOf = (tiers: readonly { upTo: number | null }[], unit: number) =>
  tiers.findIndex(({ upTo }) => upTo === null || unit <= upTo);

/** Quantity and price of each charge of `units` units, by the suffix of its key. */
function chargeOneByOne(
  line: Exclude<PlanLine, { kind: 'flat' }>,
  units: number,
): Map<string, { quantity: number; price: string }> {
  const charges = new Map<string, { quantity: number; price: string }>();
  const add = (suffix: string, price: string, quantity = 1) =>
    charges.set(suffix, { price, quantity: (charges.get(suffix)?.quantity ?? 0) + quantity });
  if (line.kind === 'perUnit') add('', line.unitPrice, 0);
  if (line.kind === 'package') add('', line.packagePrice, 0);
  if (line.kind === 'graduated') add('/tier-1', line.tiers[0]?.unitPrice ?? '', 0);
  if (line.kind === 'volume') add('', line.tiers[tierOf(line.tiers, units)]?.unitPrice ?? '', 0);
  for (let unit = 1; unit <= units; unit += 1) {
    if (line.kind === 'perUnit') add('', line.unitPrice);
    if (line.kind === 'package' && unit % line.size === 1 % line.size) add('', line.packagePrice);
    if (line.kind === 'volume') add('', line.tiers[tierOf(line.tiers, units)]?.unitPrice ?? '');
    if (line.kind === 'graduated') {
      const tier = tierOf(line.tiers, unit);
      add(`/tier-${tier + 1}`, line.tiers[tier]?.unitPrice ?? '');
    }
  }
  return charges;
}

/** The rows of an invoice in whole units of the currency's last digit, and its total. */
export function computeIndependently(plan: BillingPlan, accounts: readonly TestAccount[], month: string) {
  const digits = digitsOf[plan.currency] ?? 2;
  const { charged, all } = daysOf(plan, month);
  const step = 10n ** BigInt(6 - digits) * all;
  const rows: (Row & { exact: bigint })[] = [];
  /* `exact`: millionths times the days of the month, after rounding if each line is rounded. */
  const toExact = (amount: bigint, proration: string) => {
    const exact = amount * (proration === 'days' ? charged : all);
    return plan.rounding.each === 'line' ? roundTo(exact, step, plan.rounding.rule) * step : exact;
  };
  const addRow = (key: string, quantity: number, exact: bigint) =>
    rows.push({ key, quantity, exact, amount: roundTo(exact, step, plan.rounding.rule) });
  const addMinimum = (key: string, minimum: string, proration: string, from: number) => {
    const sum = rows.slice(from).reduce((total, { exact }) => total + exact, 0n);
    const missing = toExact(millionths(minimum), proration) - sum;
    if (missing > 0n) addRow(key, 1, missing);
  };
  const addCounted = (
    line: Exclude<PlanLine, { kind: 'flat' }>,
    key: string,
    own: readonly TestAccount[],
  ) => {
    const from = rows.length;
    const units = countUnits(line.counted, own);
    const free = Math.min(units, line.counted.included);
    if (free > 0) addRow(`${key}/included`, free, 0n);
    for (const [suffix, { quantity, price }] of chargeOneByOne(line, units - free))
      addRow(`${key}${suffix}`, quantity, toExact(millionths(price) * BigInt(quantity), line.proration));
    if (line.minimum !== null) addMinimum(`${key}/minimum`, line.minimum, line.proration, from);
  };
  for (const line of plan.lines) {
    if (line.kind === 'flat') {
      const from = rows.length;
      addRow(line.id, 1, toExact(millionths(line.amount), line.proration));
      if (line.minimum !== null) addMinimum(`${line.id}/minimum`, line.minimum, line.proration, from);
    } else if (line.counted.perConnector) {
      const names = line.counted.connectors ?? new Set(accounts.map(({ connector }) => connector));
      for (const name of [...names].toSorted())
        addCounted(
          line,
          `${line.id}/${name}`,
          accounts.filter(({ connector }) => connector === name),
        );
    } else addCounted(line, line.id, accounts);
  }
  if (plan.minimum !== null) addMinimum('minimum', plan.minimum.amount, plan.minimum.proration, 0);
  const total = roundTo(
    rows.reduce((sum, { exact }) => sum + exact, 0n),
    step,
    plan.rounding.rule,
  );
  const difference = total - rows.reduce((sum, { amount }) => sum + amount, 0n);
  return {
    rows: rows.map(({ key, quantity, amount }): Row => ({ key, quantity, amount })),
    total,
    difference,
    digits,
  };
}

/** Accounts that cost nothing, sorted by why, one account at a time. */
export function findFreeAccounts(plan: BillingPlan, accounts: readonly TestAccount[]) {
  const free: Record<'waived' | 'inactive' | 'active', TestAccount[]> = {
    waived: [],
    inactive: [],
    active: [],
  };
  for (const account of accounts) {
    const covering = plan.lines.filter(
      (line) =>
        line.kind !== 'flat' &&
        line.counted.unit !== 'connector' &&
        counts({ ...line.counted, internal: 'counted' }, account) &&
        (line.counted.role === 'all' || (line.counted.role === 'admin') === account.admin),
    );
    if (covering.length === 0) free[account.active ? 'active' : 'inactive'].push(account);
    else if (
      account.internal &&
      covering.some((line) => line.kind !== 'flat' && line.counted.internal === 'waived')
    )
      free.waived.push(account);
  }
  return free;
}

/** The accounts that a page shows for the filters of an invoice line, one account at a time. */
export const filterAccounts = (selection: Selection, accounts: readonly TestAccount[]) =>
  accounts.filter(
    ({ connector, active, admin, internal }) =>
      (selection.activity === 'total' || (selection.activity === 'active') === active) &&
      (selection.role === 'all' || (selection.role === 'admin') === admin) &&
      (selection.internal === 'all' || (selection.internal === 'internal') === internal) &&
      (selection.connectors === null || selection.connectors.includes(connector)),
  );
