import { createSlots } from '../../src-shared/base/slots.ts';
import { quoteArgv } from '../../src-shared/base/quoteArgv.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { addFleet } from '../../src-shared/model/billing/fleetTotal.ts';
import type { ReadReport } from '../../src-shared/model/usage/readReport.ts';
import { usageArgv } from '../../src-shared/model/usage/usageArgv.ts';
import type { StatementKind, UsageKind } from '../../src-shared/model/usage/usageReport.ts';
import type { Audit } from '../audit/audit.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { withLink } from '../links/withLink.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';
import type { Store } from '../store/store.ts';
import { isSignedByAppliance } from './applianceKeys.ts';
import { compareMonths } from './compareMonths.ts';
import { exportStatement } from './exportStatement.ts';
import type { KeptCountsStore } from './keptCounts.ts';
import { previewUsage, type UsagePreview } from './previewUsage.ts';
import { reconcileMonth } from './reconcileMonth.ts';
import type { UsageLinks } from './readCounts.ts';

/** Appliances that count at the same time **[ours]**. */
const maxPreviews = 8;

const actionOf = (entry: ApplianceEntry, argv: readonly string[], detail: string) => ({
  object: entry.name,
  destination: hopNameOf(entry.target),
  command: quoteArgv(argv),
  detail,
});

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

/**
 * Usage of appliances: reports, previews of the bill, and statements. Keeps counts only. Reports pass through, because they
 * may have names in plain text.
 */
export function createUsage(options: {
  inventory: Pick<Inventory, 'get' | 'assertUnlocked'>;
  links: UsageLinks;
  store: Store;
  kept: KeptCountsStore;
  audit: Pick<Audit, 'act'>;
  clock: () => number;
}) {
  const { inventory, links, store, audit } = options;
  const driverOf = (entry: ApplianceEntry) => links.of(entry.id).driver.usage;

  return {
    /** Runs `write` with the exact bytes of a report. They end with an error if it was cut off; then nothing of it counts. */
    report: <Result>(
      request: { applianceId: string; kind: UsageKind; month: string | null; to: string },
      write: (bytes: AsyncIterable<Buffer>) => Promise<Result>,
    ): Promise<{ result: Result; report: ReadReport | null }> => {
      const entry = inventory.get(request.applianceId);
      const action = actionOf(entry, usageArgv.report(request), `→ ${request.to}`);
      return withLink(links, entry, () =>
        audit.act({ event: 'usage.report', ...action }, async () => {
          let report: ReadReport | null = null;
          const result = await write(driverOf(entry).report(request, (read) => (report = read)));
          return { result, report };
        }),
      );
    },
    /** Previews of all these appliances, and their total by currency. */
    preview: async (applianceIds: readonly string[], month: string | null) => {
      const slots = createSlots(maxPreviews);
      const previews = await Promise.all(
        applianceIds.map(async (id) => {
          const release = await slots.acquire();
          return previewUsage(options, inventory.get(id), month).finally(release);
        }),
      );
      return { appliances: previews, fleet: addPreviews(previews) };
    },
    previewOne: (applianceId: string, month: string | null) =>
      previewUsage(options, inventory.get(applianceId), month),
    compare: (applianceId: string, months: Parameters<typeof compareMonths>[2]) =>
      compareMonths(options, inventory.get(applianceId), months),
    /** Rejects like `reconcileMonth`. Stores nothing. */
    reconcile: ({
      applianceId,
      ...request
    }: { applianceId: string } & Parameters<typeof reconcileMonth>[2]) =>
      reconcileMonth(options, inventory.get(applianceId), request),
    /**
     * Makes a statement, or takes the kept one with `number`, and writes it into a new folder. Rejects like
     * `exportStatement`, with APPLIANCE_LOCKED, and like the driver.
     */
    exportStatement: (
      request: { applianceId: string; folder: string } & (
        { kind: StatementKind; month: string; number: null } | { number: number }
      ),
    ) => {
      const entry = inventory.get(request.applianceId);
      const isNew = request.number === null;
      const argv = isNew ? usageArgv.makeStatement(request) : usageArgv.statement(request.number);
      return withLink(links, entry, () =>
        audit.act({ event: 'usage.export', ...actionOf(entry, argv, `→ ${request.folder}`) }, async () => {
          const driver = driverOf(entry);
          if (isNew) inventory.assertUnlocked(entry.id, 'licence');
          return exportStatement({
            folder: request.folder,
            readNumber: async () => (isNew ? (await driver.makeStatement(request)).number : request.number),
            readBytes: driver.statement,
            isSignedByAppliance: (input) => isSignedByAppliance(store, input),
          });
        }),
      );
    },
  };
}
export type Usage = ReturnType<typeof createUsage>;
