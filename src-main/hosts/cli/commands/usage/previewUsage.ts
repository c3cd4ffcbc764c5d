import { AppError, exitCodeOf } from '../../../../../src-shared/errors.ts';
import { formatCount } from '../../../../../src-shared/base/formatCount.ts';
import { formatInstant } from '../../../../../src-shared/base/time.ts';
import { formatMoney } from '../../../../../src-shared/model/billing/invoice.ts';
import type { UsagePreview } from '../../../../usage/previewUsage.ts';
import type { Usage } from '../../../../usage/usage.ts';
import { untilStopped } from '../../stopSignal.ts';
import {
  describeProblem,
  findAppliance,
  noAppliancesText,
  withConsole,
  type Globals,
} from '../../withConsole.ts';
import { findAppliances } from '../licences/showLicences.ts';
import { formatAge, formatAmount, formatInvoice } from './usageText.ts';

function formatProjection({ projection, invoice }: UsagePreview): string[] {
  if (projection === null || invoice === null) return [];
  if (!projection.known) return [`No projection: ${projection.reason}`];
  const { low, high, basis } = projection;
  const { currency, month } = invoice;
  const [expected, lowest, highest] = [projection.invoice.total, low, high].map((amount) =>
    formatAmount(amount, currency),
  );
  return [`Expected at the end of ${month}: ${expected}, between ${lowest} and ${highest}. ${basis}`];
}

function formatLastGood({ lastGood, error }: UsagePreview): string[] {
  if (error === null) return [];
  if (lastGood === null) return ['No complete counts are kept.'];
  const { takenAt, ageSeconds, month } = lastGood;
  const head = `Last complete counts of ${month}: ${formatInstant(takenAt)}, ${formatAge(ageSeconds)} ago.`;
  return [
    head,
    lastGood.invoice === null ? `No amount: ${lastGood.error.message}` : formatInvoice(lastGood.invoice),
  ];
}

function formatPreview(preview: UsagePreview): string {
  const { name, invoice, error } = preview;
  const head =
    invoice === null
      ? `${name}: no amount. ${error?.message ?? ''}`
      : `${name}, ${invoice.month}, counted at ${formatInstant(invoice.takenAt)}`;
  return [
    head,
    ...(invoice === null ? [] : [formatInvoice(invoice)]),
    ...formatProjection(preview),
    ...formatLastGood(preview),
  ].join('\n');
}

function formatFleet({ totals, missing }: Awaited<ReturnType<Usage['preview']>>['fleet']): string {
  const sums = totals.flatMap(({ currency, sum, appliances, isComplete }) =>
    sum === null
      ? []
      : [
          `Fleet: ${formatMoney(sum, currency)} of ${formatCount(appliances)} ${appliances === 1 ? 'appliance' : 'appliances'}${isComplete ? '' : ', incomplete'}`,
        ],
  );
  const without = missing.map(({ name, reason }) => `Not in the total: ${name}. ${reason}`);
  return [...(sums.length === 0 ? ['Fleet: no amount is known.'] : sums), ...without].join('\n');
}

/** Prints the invoice to expect of each appliance, and their total. Exits with the code of the worst error. */
export function previewUsage(
  globals: Globals,
  { names, month }: { names: readonly string[]; month?: string },
): Promise<number> {
  return withConsole(globals, async (services) => {
    const { output } = globals;
    const entries = findAppliances(services, names);
    const ids = entries.map(({ id }) => id);
    const preview = await untilStopped(() => services.usage.preview(ids, month ?? null));
    const { appliances, fleet } = preview;
    const failed = appliances.flatMap(({ name, error }) => (error === null ? [] : [{ name, error }]));
    for (const { name, error } of failed)
      output.printError(
        describeProblem(services, findAppliance(services, name), new AppError(error.code, error.message)),
      );
    output.print(preview, () =>
      appliances.length === 0
        ? noAppliancesText
        : [...appliances.map(formatPreview), formatFleet(fleet)].join('\n\n'),
    );
    return Math.max(0, ...failed.map(({ error }) => exitCodeOf(error.code)));
  });
}
