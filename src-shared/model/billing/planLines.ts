import type { UsageSummary } from '../usage/usageSummary.ts';
import type { CountedPlanLine, PlanLine } from './billingPlan.ts';
import { chargesOf } from './charges.ts';
import { unknownAmount, type Amount, type InvoiceLine } from './invoice.ts';
import type { PricedLine, Pricing } from './pricing.ts';
import { countUnits, describeSelection, selectionsOf, type Selection } from './selection.ts';

/** The same accounts counted in the other unit, if the number differs. */
function countAlternative(summary: UsageSummary, selection: Selection, count: number) {
  if (selection.unit === 'connector') return null;
  const unit = selection.unit === 'account' ? ('endUser' as const) : ('account' as const);
  const other = countUnits(summary, { ...selection, unit }).count;
  return other === null || other === count ? null : { unit, count: other };
}

/** Fields of a line that counts nothing. */
export const noUnits = { quantity: null, units: null, alternative: null, connector: null, selection: null };

function unknownLine(line: CountedPlanLine, group: Group, amount: Amount): PricedLine {
  return {
    line: {
      ...noUnits,
      key: `${line.id}${group.suffix}`,
      planLine: line.id,
      connector: group.connector,
      kind: line.kind,
      label: `${line.label}${group.detail}`,
      unitPrice: null,
      share: null,
      amount,
      reason: `Charged are ${describeSelection(group.selection)}.`,
      selection: group.selection,
    },
    scaled: null,
  };
}

type Group = { connector: string | null; selection: Selection; suffix: string; detail: string };

/** The lines of a counted plan line for all its accounts, or for those of one connector. */
function priceGroup(
  line: CountedPlanLine,
  group: Group,
  summary: UsageSummary,
  pricing: Pricing,
): PricedLine[] {
  const { connector, selection, suffix, detail } = group;
  if (summary.cutShort !== null)
    return [
      unknownLine(
        line,
        group,
        unknownAmount('BILLING_COUNTS_INCOMPLETE', `Not all accounts were counted: ${summary.cutShort}`),
      ),
    ];
  const { count, missing } = countUnits(summary, selection);
  if (count === null)
    return [
      unknownLine(
        line,
        group,
        unknownAmount('BILLING_COUNT_MISSING', `The number is not known: ${missing}.`),
      ),
    ];
  const { included, charges } = chargesOf(line, count);
  const shared = {
    planLine: line.id,
    connector,
    selection,
    alternative: countAlternative(summary, selection, count),
    proration: line.proration,
    reason: `Charged are ${describeSelection(selection)}.`,
  };
  const key = `${line.id}${suffix}`;
  const label = `${line.label}${detail}`;
  const free =
    included === 0
      ? []
      : [
          pricing.price({
            ...shared,
            key: `${key}/included`,
            label: `${label}, included`,
            kind: 'included',
            quantity: included,
            units: included,
            unitPrice: '0',
          }),
        ];
  const charged = charges.map((charge) =>
    pricing.price({
      ...shared,
      key: `${key}${charge.suffix}`,
      label: `${label}${charge.detail}`,
      kind: line.kind,
      quantity: charge.quantity,
      units: charge.units,
      unitPrice: charge.unitPrice,
    }),
  );
  const lines = [...free, ...charged];
  return [...lines, ...liftLine(line, lines, { key, label, connector, selection }, pricing)];
}

function liftLine(
  line: PlanLine,
  lines: readonly PricedLine[],
  { key, label, connector, selection }: Pick<InvoiceLine, 'key' | 'label' | 'connector' | 'selection'>,
  pricing: Pricing,
): PricedLine[] {
  if (line.minimum === null) return [];
  return pricing.lift(
    lines,
    { amount: line.minimum, proration: line.proration },
    { key: `${key}/minimum`, planLine: line.id, connector, label: `${label}, minimum`, selection },
  );
}

/** The invoice lines of one line of the plan. */
export function pricePlanLine(line: PlanLine, summary: UsageSummary, pricing: Pricing): PricedLine[] {
  if (line.kind !== 'flat')
    return selectionsOf(line.counted, summary).flatMap(({ connector, selection }) =>
      priceGroup(
        line,
        {
          connector,
          selection,
          suffix: connector === null ? '' : `/${connector}`,
          detail: connector === null ? '' : `, ${connector}`,
        },
        summary,
        pricing,
      ),
    );
  const { id, label, proration, amount } = line;
  const reason = 'A fixed amount, whatever is counted.';
  const fee = pricing.price({
    ...noUnits,
    key: id,
    planLine: id,
    label,
    kind: 'flat',
    quantity: 1,
    unitPrice: amount,
    proration,
    reason,
  });
  return [fee, ...liftLine(line, [fee], { key: id, label, connector: null, selection: null }, pricing)];
}
