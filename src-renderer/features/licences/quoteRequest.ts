import { visibleText } from '../../../src-shared/base/machineText.ts';
import { formatDay } from '../../../src-shared/model/licence/dayText.ts';
import { formatUtcMinute } from './labels.ts';
import type { LicenceRow } from './rows.ts';

/** A text that asks the vendor for a quote. It has no secret: the appliance masks the licence key. */
export function writeQuoteRequest({ name, licence, schedule }: LicenceRow, now: number): string {
  const order = schedule.dates.find(({ step }) => step === 'order');
  const { entitlements = null } = licence ?? {};
  const lines = [
    `Please send us a quote for the renewal of the licence of our appliance ${name}.`,
    '',
    `Licence key: ${licence?.key ?? 'unknown'}`,
    `Sequence: ${licence?.sequence ?? 'unknown'}`,
    ...(licence?.expiresAt == null ? [] : [`Expires: ${formatUtcMinute(licence.expiresAt)}`]),
    ...(entitlements === null
      ? []
      : [
          `Plan: ${entitlements.plan}`,
          `Accounts: ${entitlements.accounts ?? 'unlimited'}`,
          `Connectors: ${entitlements.connectors.join(', ') || 'none'}`,
        ]),
    ...(order === undefined ? [] : ['', `We plan to order by ${formatDay(order.day, now)}.`]),
  ];
  return visibleText(lines.join('\n'));
}
