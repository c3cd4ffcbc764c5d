import { formatCount } from '../../../../../src-shared/base/formatCount.ts';
import { hourMs, minuteMs, dayMs, secondMs } from '../../../../../src-shared/base/time.ts';
import { formatMoney, type Amount, type Invoice } from '../../../../../src-shared/model/billing/invoice.ts';
import { formatTable } from '../../output.ts';

/** An amount, or why it is not known. Never 0 in place of an unknown amount. */
export const formatAmount = (amount: Amount, currency: string): string =>
  amount.known ? formatMoney(amount.value, currency) : `not known: ${amount.reason}`;

/** `3 days`, `1 hour`: the age of counts, rounded down. */
export function formatAge(seconds: number): string {
  const ms = seconds * secondMs;
  const [count, unit] =
    ms >= dayMs
      ? [Math.floor(ms / dayMs), 'day']
      : ms >= hourMs
        ? [Math.floor(ms / hourMs), 'hour']
        : [Math.floor(ms / minuteMs), 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** How many accounts a report names in plain text, of how many. */
export function describePlainText(internal: number, all: number | null): string {
  const noun = (all ?? internal) === 1 ? 'account' : 'accounts';
  const verb = internal === 1 ? 'is' : 'are';
  const of = all === null ? '' : ` of ${formatCount(all)}`;
  return `${formatCount(internal)}${of} ${noun} ${verb} named in plain text in the per-user report (internal development).`;
}

/** The lines of an invoice with their reasons, its total and its rules. */
export function formatInvoice({
  lines,
  currency,
  total,
  rounding,
  plan,
  plainTextAccounts,
}: Invoice): string {
  return [
    formatTable(
      ['LINE', 'QUANTITY', 'UNIT PRICE', 'AMOUNT', 'WHY'],
      lines.map(({ label, connector, quantity, unitPrice, share, amount, reason }) => [
        connector === null ? label : `${label} (${connector})`,
        quantity === null ? '–' : formatCount(quantity),
        share === null ? unitPrice : `${unitPrice ?? '–'} × ${share.days}/${share.of} days`,
        formatAmount(amount, currency),
        reason,
      ]),
    ),
    `Total: ${formatAmount(total, currency)}`,
    `Plan: ${plan.label} (${plan.id}). ${rounding}`,
    plainTextAccounts === null
      ? 'The number of accounts in plain text is not known.'
      : describePlainText(plainTextAccounts, null),
  ].join('\n');
}
