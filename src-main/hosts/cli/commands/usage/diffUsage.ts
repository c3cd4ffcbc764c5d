import { exitCodeOf } from '../../../../../src-shared/errors.ts';
import { formatInstant } from '../../../../../src-shared/base/time.ts';
import type { Amount } from '../../../../../src-shared/model/billing/invoice.ts';
import type { MonthComparison } from '../../../../usage/compareMonths.ts';
import { formatTable } from '../../output.ts';
import { untilStopped } from '../../stopSignal.ts';
import { findAppliance, withConsole, type Globals } from '../../withConsole.ts';
import { formatAge, formatAmount } from './usageText.ts';

export type DiffOptions = { month?: string; against?: string };

type Side = MonthComparison['before'];

function describeSide({ month, invoice, takenAt, ageSeconds, source, planSource }: Side): string {
  const counts =
    source === 'appliance'
      ? 'counted now'
      : `kept counts of ${formatInstant(takenAt)}, ${formatAge(ageSeconds)} old`;
  const plan = planSource === 'kept' ? ', plan of that month' : '';
  return `${month}: ${formatAmount(invoice.total, invoice.currency)} (${counts}${plan})`;
}

const isZero = (amount: Amount) => amount.known && !/[1-9]/u.test(amount.value);

function formatComparison({ name, before, after, comparison }: MonthComparison): string {
  const { currency, lines, difference, quantity, price, percent } = comparison;
  const amount = (value: typeof difference) => formatAmount(value, currency);
  const changed = lines.filter((line) => !isZero(line.quantity) || !isZero(line.price));
  return [
    `${name}, ${after.month} against ${before.month}`,
    describeSide(before),
    describeSide(after),
    `Difference: ${amount(difference)}${percent === null ? '' : ` (${percent} %)`}`,
    `By quantity: ${amount(quantity)}. By price: ${amount(price)}.`,
    formatTable(
      ['LINE', 'BEFORE', 'AFTER', 'BY QUANTITY', 'BY PRICE', 'WHY'],
      changed.map((line) => [
        line.label,
        line.before === null ? null : amount(line.before),
        line.after === null ? null : amount(line.after),
        amount(line.quantity),
        amount(line.price),
        line.why,
      ]),
    ),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** Says why the bill of one month differs from that of another. Exits with the code of an error that kept counts replace. */
export function diffUsage(globals: Globals, name: string, options: DiffOptions): Promise<number> {
  const { month = null, against = null } = options;
  return withConsole(globals, async (services) => {
    const { output } = globals;
    const { id } = findAppliance(services, name);
    const compared = await untilStopped(() => services.usage.compare(id, { month, against }));
    const errors = [compared.before, compared.after].flatMap(({ error }) => error ?? []);
    for (const { code, message } of errors) output.printError(`sallyport: ${name}: ${message} (${code})`);
    output.print(compared, () => formatComparison(compared));
    return Math.max(0, ...errors.map(({ code }) => exitCodeOf(code)));
  });
}
