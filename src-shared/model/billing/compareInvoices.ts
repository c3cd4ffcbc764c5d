import { z } from 'zod';
import { formatCount } from '../../base/formatCount.ts';
import { AppError } from '../../errors.ts';
import { amountSchema, formatMoney, type Amount, type Invoice, type InvoiceLine } from './invoice.ts';
import { addAll, decimal, decimalOf, divideRounded, type Decimal } from './rounding.ts';
import { units } from './selection.ts';

const zero = decimal(0n);

/** How one line changed. `quantity` and `price` add up to `difference`. */
export const lineChangeSchema = z.object({
  key: z.string(),
  label: z.string(),
  /** Null if that invoice has no such line. */
  before: amountSchema.nullable(),
  after: amountSchema.nullable(),
  quantityBefore: z.int().nullable(),
  quantityAfter: z.int().nullable(),
  difference: amountSchema,
  /** The part of the difference that more or fewer units cause. */
  quantity: amountSchema,
  /** The part that other prices, rules or days in force cause. */
  price: amountSchema,
  /** Why the line changed, in words. */
  why: z.string(),
});
export type LineChange = z.infer<typeof lineChangeSchema>;

/** All lines of two invoices. `percent`: the difference in percent of the first one, e.g. `12.0`; null if it has none. */
export const invoiceComparisonSchema = z.object({
  currency: z.string(),
  lines: z.array(lineChangeSchema),
  difference: amountSchema,
  quantity: amountSchema,
  price: amountSchema,
  percent: z.string().nullable(),
});
export type InvoiceComparison = z.infer<typeof invoiceComparisonSchema>;

type Context = { before: Invoice; after: Invoice };
type Pair = { before: InvoiceLine | null; after: InvoiceLine | null };

const valueOf = (amount: Amount): Decimal | null => (amount.known ? decimal(amount.value) : null);
const amountOf = (line: InvoiceLine | null): Decimal | null => (line === null ? zero : valueOf(line.amount));

/** A price with the days it is charged for: the same text means the same price per unit. */
const priceTextOf = ({ unitPrice, share }: InvoiceLine) =>
  `${unitPrice} ${share === null ? '' : `${share.days}/${share.of}`}`;

/** The part of a difference that the quantity causes; the rest is caused by the price. */
function quantityPart({ before, after }: Pair, difference: Decimal, context: Context): Decimal {
  const line = after ?? before;
  if (line === null || line.kind === 'rounding') return zero;
  const isSamePlan = context.before.plan.id === context.after.plan.id;
  if (before === null || after === null) {
    // In the same plan, the line is there with the same price, and has only now, or no longer, units.
    const other = before === null ? context.before : context.after;
    const isInPlan = line.planLine === null || other.lines.some(({ planLine }) => planLine === line.planLine);
    return isSamePlan && isInPlan ? difference : zero;
  }
  if (line.kind === 'minimum') return isSamePlan ? difference : zero;
  if (priceTextOf(before) === priceTextOf(after)) return difference;
  if (before.quantity === null || after.quantity === null || before.unitPrice === null) return zero;
  const { days, of } = before.share ?? { days: 1, of: 1 };
  const added = decimalOf(after.quantity).minus(decimalOf(before.quantity));
  const atOldPrice = decimal(before.unitPrice).times(added).times(decimalOf(days));
  return divideRounded(atOldPrice, decimalOf(of), { rule: 'half-up', digits: context.after.digits });
}

/** `545 more accounts`, `1 fewer package`. */
export function nameChange(moved: number, { selection, kind }: InvoiceLine): string {
  const unit =
    kind === 'package' ? { singular: 'package', plural: 'packages' } : units[selection?.unit ?? 'account'];
  const count = Math.abs(moved);
  return `${formatCount(count)} ${moved > 0 ? 'more' : 'fewer'} ${count === 1 ? unit.singular : unit.plural}`;
}

const signed = (value: Decimal, { currency, digits }: Invoice) =>
  `${value.gt(zero) ? '+' : ''}${formatMoney(value.toFixed(digits), currency)}`;

/** A change in words: `492 more accounts: +EUR 393.60. The unit price rose from 0.80 to 0.90: +EUR 12.00.` */
function explain(
  { before, after }: Pair,
  parts: { quantity: Decimal; price: Decimal },
  { after: invoice }: Context,
): string {
  const line = after ?? before;
  if (line === null) return '';
  const moved = (after?.quantity ?? 0) - (before?.quantity ?? 0);
  const change =
    line.kind === 'minimum' ? 'The usage changed the shortfall to the minimum' : nameChange(moved, line);
  const sentences: string[] = [];
  if (!parts.quantity.eq(zero)) sentences.push(`${change}: ${signed(parts.quantity, invoice)}.`);
  if (!parts.price.eq(zero))
    sentences.push(`${explainPrice({ before, after })}: ${signed(parts.price, invoice)}.`);
  if (sentences.length > 0) return sentences.join(' ');
  return moved === 0 ? 'No change.' : `${change}, at no cost.`;
}

const nameDays = ({ share }: InvoiceLine) =>
  share === null ? 'the whole month' : `${share.days} of ${share.of} days`;

function explainPrice({ before, after }: Pair): string {
  const line = after ?? before;
  if (line?.kind === 'rounding') return 'Rounding of the total';
  if (before === null) return 'New in the plan';
  if (after === null) return 'No longer in the plan';
  if (before.unitPrice !== after.unitPrice && before.unitPrice !== null && after.unitPrice !== null) {
    const verb = decimal(after.unitPrice).gt(decimal(before.unitPrice)) ? 'rose' : 'fell';
    return `The unit price ${verb} from ${before.unitPrice} to ${after.unitPrice}`;
  }
  return nameDays(before) === nameDays(after)
    ? 'The plan’s rules changed'
    : `Charged for ${nameDays(after)} in place of ${nameDays(before)}`;
}

function compareLine(pair: Pair, context: Context): LineChange {
  const { before, after } = pair;
  const line = after ?? before;
  const { digits } = context.after;
  const [valueBefore, valueAfter] = [amountOf(before), amountOf(after)];
  const shared = {
    key: line?.key ?? '',
    label: line?.label ?? '',
    before: before?.amount ?? null,
    after: after?.amount ?? null,
    quantityBefore: before === null ? 0 : before.quantity,
    quantityAfter: after === null ? 0 : after.quantity,
  };
  const unknown = [after?.amount, before?.amount].find((amount) => amount?.known === false);
  if (valueBefore === null || valueAfter === null || unknown !== undefined) {
    const amount = unknown ?? {
      known: false,
      code: 'BILLING_COUNT_MISSING',
      reason: 'The amount is not known.',
    };
    const why = amount.known ? '' : amount.reason;
    return { ...shared, difference: amount, quantity: amount, price: amount, why };
  }
  const difference = valueAfter.minus(valueBefore);
  const quantity = quantityPart(pair, difference, context);
  const price = difference.minus(quantity);
  const asAmount = (value: Decimal): Amount => ({ known: true, value: value.toFixed(digits) });
  return {
    ...shared,
    difference: asAmount(difference),
    quantity: asAmount(quantity),
    price: asAmount(price),
    why: explain(pair, { quantity, price }, context),
  };
}

/** Throws BILLING_CURRENCIES_DIFFER. */
export function requireSameCurrency(first: string, second: string): void {
  if (first === second) return;
  throw new AppError('BILLING_CURRENCIES_DIFFER', `One amount is in ${first}, the other in ${second}.`, {
    detail: { currencies: [first, second] },
  });
}

/** Adds amounts; the first unknown one makes the sum unknown. */
function addAmounts(amounts: readonly Amount[], digits: number): Amount {
  const unknown = amounts.find(({ known }) => !known);
  if (unknown !== undefined) return unknown;
  const sum = addAll(amounts.flatMap((amount) => valueOf(amount) ?? []));
  return { known: true, value: sum.toFixed(digits) };
}

const byKey = (lines: readonly InvoiceLine[]) => new Map(lines.map((line) => [line.key, line]));

/**
 * Why one invoice differs from another, e.g. of the month before. The lines add up to the difference of the totals, and
 * each line's two parts to its own. Throws BILLING_CURRENCIES_DIFFER.
 */
export function compareInvoices(before: Invoice, after: Invoice): InvoiceComparison {
  requireSameCurrency(before.currency, after.currency);
  const context = { before, after };
  const [linesBefore, linesAfter] = [byKey(before.lines), byKey(after.lines)];
  const keys = new Set([...linesAfter.keys(), ...linesBefore.keys()]);
  const lines = [...keys].map((key) =>
    compareLine({ before: linesBefore.get(key) ?? null, after: linesAfter.get(key) ?? null }, context),
  );
  const { digits } = after;
  const difference = addAmounts(
    lines.map((line) => line.difference),
    digits,
  );
  return {
    currency: after.currency,
    lines,
    difference,
    quantity: addAmounts(
      lines.map((line) => line.quantity),
      digits,
    ),
    price: addAmounts(
      lines.map((line) => line.price),
      digits,
    ),
    percent: percentOf(difference, before.total),
  };
}

/** A difference in percent with one digit, e.g. `12.0`; null if one of the two is not known or the base is 0. */
export function percentOf(difference: Amount, base: Amount): string | null {
  const [part, whole] = [valueOf(difference), valueOf(base)];
  if (part === null || whole === null || whole.eq(zero)) return null;
  return part.times(decimal(100n)).div(whole).toFixed(1);
}
