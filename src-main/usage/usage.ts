import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { ReadReport } from '../../src-shared/model/usage/readReport.ts';
import { usageArgv } from '../../src-shared/model/usage/usageArgv.ts';
import type { StatementKind, UsageKind } from '../../src-shared/model/usage/usageReport.ts';
import type { Audit } from '../audit/audit.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { withLink } from '../links/withLink.ts';
import type { Store } from '../store/store.ts';
import { isSignedByAppliance } from './applianceKeys.ts';
import { compareMonths } from './compareMonths.ts';
import { exportStatement } from './exportStatement.ts';
import { findAcknowledgement } from './findAcknowledgement.ts';
import { listHistory } from './history.ts';
import type { KeptCountsStore } from './keptCounts.ts';
import { describeFleetRow, previewFleet } from './previewFleet.ts';
import { previewUsage } from './previewUsage.ts';
import { reconcileMonth } from './reconcileMonth.ts';
import type { UsageLinks } from './readCounts.ts';
import { createShownReports } from './shownReports.ts';
import { checkPreview, createThresholds } from './thresholds.ts';
import { actionOf } from './usageAction.ts';

/**
 * Usage of appliances: reports, previews of the bill, and statements. Keeps counts only. Reports pass through, because they
 * may have names in plain text.
 */
export function createUsage(options: {
  inventory: Pick<Inventory, 'get' | 'list' | 'assertUnlocked'>;
  links: UsageLinks;
  store: Store;
  kept: KeptCountsStore;
  audit: Pick<Audit, 'act'>;
  clock: () => number;
}) {
  const { inventory, links, store, audit } = options;
  const thresholds = createThresholds(options);
  const driverOf = (entry: ApplianceEntry) => links.of(entry.id).driver.usage;

  const preview = (applianceIds: readonly string[], month: string | null) =>
    previewFleet(
      options,
      applianceIds.map((id) => inventory.get(id)),
      month,
    );

  return {
    ...createShownReports(options),
    /** The present amounts of appliances, see `preview`, without what only a page of one appliance shows. */
    fleet: async (applianceIds: readonly string[]) => {
      const { appliances, fleet } = await preview(applianceIds, null);
      return { ...fleet, appliances: appliances.map(describeFleetRow) };
    },
    /** Kept counts by day. */
    history: (applianceId: string) => listHistory(options.kept.list(inventory.get(applianceId).id)),
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
    preview,
    /** The preview of one appliance, compared with its threshold. */
    previewOne: async (applianceId: string, month: string | null) => {
      const own = await previewUsage(options, inventory.get(applianceId), month);
      return { ...own, threshold: checkPreview(thresholds.get(applianceId), own) };
    },
    thresholds,
    compare: (applianceId: string, months: Parameters<typeof compareMonths>[2]) =>
      compareMonths(options, inventory.get(applianceId), months),
    /** Rejects like `reconcileMonth`. Stores nothing. */
    reconcile: ({
      applianceId,
      ...request
    }: { applianceId: string } & Parameters<typeof reconcileMonth>[2]) =>
      reconcileMonth(options, inventory.get(applianceId), request),
    /**
     * Carries the authority's acknowledgement of a statement to the appliance, which verifies and keeps it. Rejects with
     * INVALID_INPUT, APPLIANCE_LOCKED, VERIFICATION_FAILED, NOT_FOUND, and like the driver; then nothing was changed.
     */
    acknowledge: ({ applianceId, text }: { applianceId: string; text: string }) => {
      const entry = inventory.get(applianceId);
      const document = findAcknowledgement(text);
      const action = actionOf(entry, usageArgv.acknowledge(), 'acknowledgement of a statement');
      return withLink(links, entry, () =>
        audit.act({ event: 'usage.acknowledge', ...action }, () => {
          inventory.assertUnlocked(entry.id, 'licence');
          return driverOf(entry).acknowledge(document);
        }),
      );
    },
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
