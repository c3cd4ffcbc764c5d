import { formatInstant } from '../../../src-shared/base/time.ts';
import { describeInternal, isWhollyInternal } from '../../../src-shared/model/licence/internalLicence.ts';
import { formatFacts } from '../describeAnswer.ts';
import type { ApplianceRecord } from '../store/appliances.ts';
import type { Authority } from '../store/authority.ts';

/** An appliance with everything that the authority recorded about it. */
export function showRecord({ appliances, licences, reports, usage }: Authority, appliance: ApplianceRecord) {
  return {
    ...appliance,
    configurationRevision: appliances.revisionOf(appliance.id),
    licences: licences.listOf(appliance.id),
    receipts: reports.receiptsOf(appliance.id),
    lastPing: reports.pingsOf(appliance.id)[0] ?? null,
    lastUsage: usage.listOf(appliance.id)[0] ?? null,
  };
}

export function describeRecord(record: ReturnType<typeof showRecord>): string {
  const { contract, licences, receipts, lastPing, revokedAt, identityPinnedAt } = record;
  const { entitlements, term, plans = [] } = contract;
  const [licence] = licences;
  const [receipt] = receipts;
  return formatFacts([
    { label: 'Appliance', text: `${record.name} (${record.id})` },
    { label: 'Licence key', text: record.licenceKey },
    { label: 'Status', text: revokedAt === null ? 'licensed' : `revoked at ${formatInstant(revokedAt)}` },
    { label: 'Accounts', text: entitlements.accounts === null ? 'unlimited' : String(entitlements.accounts) },
    { label: 'Connectors', text: entitlements.connectors.join(', ') || 'none' },
    { label: 'Plan', text: entitlements.plan },
    { label: 'Price plans', text: plans.map(({ id }) => id).join(', ') || 'none' },
    { label: 'Internal development', text: entitlements.internalDevelopment ? 'allowed' : 'not allowed' },
    {
      label: 'Internal licence',
      text: describeInternal(isWhollyInternal(entitlements)),
    },
    { label: 'Term', text: 'days' in term ? `${term.days} days` : `until ${formatInstant(term.until)}` },
    { label: 'Grace', text: `${contract.graceDays} days` },
    { label: 'Needs version', text: `${contract.minVersion} or later` },
    { label: 'Configuration', text: `revision ${record.configurationRevision}` },
    {
      label: 'Appliance’s key',
      text: identityPinnedAt === null ? 'not known yet' : `pinned at ${formatInstant(identityPinnedAt)}`,
    },
    {
      label: 'Last licence',
      text:
        licence === undefined
          ? 'none'
          : `sequence ${licence.sequence}, expires at ${formatInstant(licence.expiresAt)}`,
    },
    {
      label: 'Last receipt',
      text:
        receipt === undefined
          ? 'none'
          : `sequence ${receipt.sequence}, ${receipt.outcome} at ${formatInstant(receipt.at)}`,
    },
    { label: 'Last ping', text: lastPing === null ? 'none' : formatInstant(lastPing.receivedAt) },
  ]);
}
