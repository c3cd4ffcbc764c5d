import { formatCount } from '../../base/formatCount.ts';
import type { CountedPlanLine, PlanLine, Tier } from './billingPlan.ts';

/** A part of a plan line's price before proration and rounding. */
export type Charge = {
  /** Added to the line's key; empty if the line has one charge only. */
  suffix: string;
  /** Added to the line's label. */
  detail: string;
  quantity: number;
  unitPrice: string;
  units: number;
};

const range = (from: number, upTo: number | null) =>
  upTo === null
    ? `above ${formatCount(from - 1)}`
    : from === 1
      ? `first ${formatCount(upTo)}`
      : `${formatCount(from)}–${formatCount(upTo)}`;

const tierStart = (tiers: readonly Tier[], index: number) => (tiers[index - 1]?.upTo ?? 0) + 1;

function graduate(tiers: readonly Tier[], count: number): Charge[] {
  return tiers.flatMap(({ upTo, unitPrice }, index) => {
    const start = tierStart(tiers, index);
    const quantity = Math.max(0, Math.min(count, upTo ?? count) - start + 1);
    if (quantity === 0 && index > 0) return [];
    const detail = tiers.length === 1 ? '' : `, ${range(start, upTo)}`;
    return [{ suffix: `/tier-${index + 1}`, detail, quantity, unitPrice, units: quantity }];
  });
}

function chargeVolume(tiers: readonly Tier[], count: number): Charge[] {
  const index = tiers.findIndex(({ upTo }) => upTo === null || count <= upTo);
  const tier = tiers[index];
  if (tier === undefined) return [];
  const detail =
    tiers.length === 1 ? '' : `, all at the price of ${range(tierStart(tiers, index), tier.upTo)}`;
  return [{ suffix: '', detail, quantity: count, unitPrice: tier.unitPrice, units: count }];
}

/** The charges for `count` units after the included ones. */
function chargeUnits(line: CountedPlanLine, count: number): Charge[] {
  switch (line.kind) {
    case 'perUnit':
      return [{ suffix: '', detail: '', quantity: count, unitPrice: line.unitPrice, units: count }];
    case 'graduated':
      return graduate(line.tiers, count);
    case 'volume':
      return chargeVolume(line.tiers, count);
    case 'package':
      return [
        {
          suffix: '',
          detail: `, packages of ${formatCount(line.size)}`,
          quantity: Math.ceil(count / line.size),
          unitPrice: line.packagePrice,
          units: count,
        },
      ];
  }
}

/** The charges of a counted plan line for `count` units, with the number of units that are included. */
export function chargesOf(line: CountedPlanLine, count: number): { included: number; charges: Charge[] } {
  const included = Math.min(count, line.counted.included);
  return { included, charges: chargeUnits(line, count - included) };
}

/** What each kind of plan line means, for documents and pages. */
export const planLineKinds: Record<PlanLine['kind'], { label: string; meaning: string }> = {
  flat: { label: 'Flat', meaning: 'A fixed amount, whatever is counted.' },
  perUnit: { label: 'Per unit', meaning: 'Each counted unit costs the same.' },
  graduated: {
    label: 'Graduated',
    meaning:
      'Each unit costs the price of the tier that its number falls in, so a bill has one line per tier.',
  },
  volume: { label: 'Volume', meaning: 'All units cost the price of the tier that their total falls in.' },
  package: {
    label: 'Package',
    meaning: 'Units are sold in packages of a fixed size. A package that is used in part is paid in full.',
  },
};
