import { createSlots } from '../../src-shared/base/slots.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { addFleet } from '../../src-shared/model/billing/fleetTotal.ts';
import { countUnits } from '../../src-shared/model/billing/selection.ts';
import { everyRow } from '../../src-shared/model/usage/reportRows.ts';
import { previewUsage, type UsagePreview } from './previewUsage.ts';

/** Appliances that count at the same time **[ours]**. */
const maxPreviews = 8;

/** What a page of all appliances shows of one. Without an amount now, it has the last good one. */
export function describeFleetRow({
  applianceId,
  name,
  summary,
  invoice,
  projection,
  error,
  lastGood,
}: UsagePreview) {
  const isPresent = error === null;
  const counts = isPresent ? summary : (lastGood?.summary ?? null);
  const shown = isPresent ? invoice : (lastGood?.invoice ?? null);
  const accounts = counts === null ? null : countUnits(counts, { unit: 'account', ...everyRow }).count;
  return {
    applianceId,
    name,
    takenAt: counts?.takenAt ?? null,
    currency: shown?.currency ?? null,
    accounts,
    internal: shown?.plainTextAccounts ?? null,
    total: shown?.total ?? null,
    projected: isPresent && projection?.known === true ? projection.invoice.total : null,
    error,
  };
}

/** The sum of all previews. An appliance without an amount is named, never counted as 0. */
function addPreviews(previews: readonly UsagePreview[]) {
  const names = new Map(previews.map(({ applianceId, name }) => [applianceId, name]));
  const { missing, ...total } = addFleet(
    previews.map(({ applianceId, invoice, error }) =>
      invoice === null
        ? { applianceId, invoice, error: error ?? { code: 'BILLING_COUNTS_INCOMPLETE', message: '' } }
        : { applianceId, invoice },
    ),
  );
  return {
    ...total,
    missing: missing.map((amount) => ({ ...amount, name: names.get(amount.applianceId) ?? '' })),
  };
}

/** Previews of all these appliances, and their total by currency. */
export async function previewFleet(
  options: Parameters<typeof previewUsage>[0],
  entries: readonly ApplianceEntry[],
  month: string | null,
) {
  const slots = createSlots(maxPreviews);
  const previews = await Promise.all(
    entries.map(async (entry) => {
      const release = await slots.acquire();
      return previewUsage(options, entry, month).finally(release);
    }),
  );
  return { appliances: previews, fleet: addPreviews(previews) };
}
