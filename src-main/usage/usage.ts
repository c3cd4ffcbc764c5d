import { AppError } from '../../src-shared/errors.ts';
import { createSlots } from '../../src-shared/base/slots.ts';
import { quoteArgv } from '../../src-shared/base/quoteArgv.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { addFleet } from '../../src-shared/model/billing/fleetTotal.ts';
import type { ReadReport } from '../../src-shared/model/usage/readReport.ts';
import { usageArgv } from '../../src-shared/model/usage/usageArgv.ts';
import { countUnits } from '../../src-shared/model/billing/selection.ts';
import {
  everyRow,
  type ReportPart,
  type RowFilter,
  type SearchHashes,
} from '../../src-shared/model/usage/reportRows.ts';
import type { AccountLine, StatementKind, UsageKind } from '../../src-shared/model/usage/usageReport.ts';
import type { Audit } from '../audit/audit.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { withLink } from '../links/withLink.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';
import type { Store } from '../store/store.ts';
import { isSignedByAppliance } from './applianceKeys.ts';
import { compareMonths } from './compareMonths.ts';
import { exportStatement } from './exportStatement.ts';
import type { KeptCountsStore } from './keptCounts.ts';
import { listHistory } from './history.ts';
import { findInReport, readReportRows } from './reportRows.ts';
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

/** What a page of all appliances shows of one. Without an amount now, it has the last good one. */
function describeFleetRow({
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

/** Short reports are shown as a whole **[ours]**. */
const maxShownBytes = 1024 ** 2;

async function readText(bytes: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > maxShownBytes)
      throw new AppError('OUTPUT_TOO_LARGE', `The report has more than ${maxShownBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
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

  /** Runs `work` with a report that the page shows or searches. The trail has who read which report, and no search. */
  function readAudited<Result>(
    {
      applianceId,
      kind,
      month,
      why,
    }: { applianceId: string; kind: UsageKind; month: string | null; why: string },
    work: (open: (onAccount?: (account: AccountLine) => void) => AsyncIterable<Buffer>) => Promise<Result>,
  ): Promise<Result> {
    const entry = inventory.get(applianceId);
    const request = { kind, month: kind === 'ping' ? null : month };
    const action = actionOf(entry, usageArgv.report(request), why);
    return withLink(links, entry, () =>
      audit.act({ event: 'usage.report', ...action }, () =>
        work((onAccount) => driverOf(entry).report(request, undefined, onAccount)),
      ),
    );
  }

  async function preview(applianceIds: readonly string[], month: string | null) {
    const slots = createSlots(maxPreviews);
    const previews = await Promise.all(
      applianceIds.map(async (id) => {
        const release = await slots.acquire();
        return previewUsage(options, inventory.get(id), month).finally(release);
      }),
    );
    return { appliances: previews, fleet: addPreviews(previews) };
  }

  return {
    /** The present amounts of appliances, see `preview`, without what only a page of one appliance shows. */
    fleet: async (applianceIds: readonly string[]) => {
      const { appliances, fleet } = await preview(applianceIds, null);
      return { ...fleet, appliances: appliances.map(describeFleetRow) };
    },
    /** The rows of a per-user report as they arrive, see `readReportRows`. */
    rows: async function* rows(
      request: { applianceId: string; month: string | null; filter: RowFilter; skip: number; limit: number },
      signal: AbortSignal,
    ) {
      const parts = new TransformStream<ReportPart, ReportPart>();
      readAudited({ ...request, kind: 'per-user', why: '→ page' }, (open) =>
        ReadableStream.from(readReportRows({ ...request, open, signal, clock: options.clock })).pipeTo(
          parts.writable,
        ),
      ).catch((thrown: unknown) => parts.writable.abort(thrown).catch(() => undefined));
      yield* parts.readable;
    },
    /** Finds accounts by hashes. What they are hashes of never reaches the console. */
    find: (request: { applianceId: string; month: string | null; hashes: SearchHashes }) =>
      readAudited({ ...request, kind: 'per-user', why: '→ search by a hash' }, (open) =>
        findInReport(open, request.hashes),
      ),
    /** The text of a short report, byte for byte. The licence key of a ping is masked. */
    shortReport: (request: { applianceId: string; month: string | null; kind: 'standard' | 'ping' }) =>
      readAudited({ ...request, why: '→ page' }, (open) => readText(open())),
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
