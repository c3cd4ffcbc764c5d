import { AppError } from '../../src-shared/errors.ts';
import {
  maxFoundRows,
  type FoundAccounts,
  type ReportPart,
  type RowFilter,
  type SearchHashes,
} from '../../src-shared/model/usage/reportRows.ts';
import { usageArgv } from '../../src-shared/model/usage/usageArgv.ts';
import type { AccountLine, UsageKind } from '../../src-shared/model/usage/usageReport.ts';
import type { Audit } from '../audit/audit.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { withLink } from '../links/withLink.ts';
import type { UsageLinks } from './readCounts.ts';
import { readReportRows } from './reportRows.ts';
import { actionOf } from './usageAction.ts';

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

/** Reports for the page. They pass through: nothing of them is kept. */
export function createShownReports(options: {
  inventory: Pick<Inventory, 'get'>;
  links: UsageLinks;
  audit: Pick<Audit, 'act'>;
  clock: () => number;
}) {
  const { inventory, links, audit } = options;

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
        work((onAccount) => links.of(entry.id).driver.usage.report(request, undefined, onAccount)),
      ),
    );
  }

  return {
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
    /** Searches on the appliance by hashes. What they are hashes of never reaches the console. */
    find: (request: {
      applianceId: string;
      month: string | null;
      hashes: SearchHashes;
    }): Promise<FoundAccounts> => {
      const entry = inventory.get(request.applianceId);
      const action = actionOf(entry, usageArgv.search(request), 'search by hashes');
      return withLink(links, entry, () =>
        audit.act({ event: 'usage.report', ...action }, async () => {
          const { read, total, accounts } = await links.of(entry.id).driver.usage.search(request);
          const found = accounts
            .slice(0, maxFoundRows)
            .map(({ fields, line }) => ({ account: line, fields }));
          return { found, count: total, read };
        }),
      );
    },
    /** The text of a short report, byte for byte. The licence key of a ping is masked. */
    shortReport: (request: { applianceId: string; month: string | null; kind: 'standard' | 'ping' }) =>
      readAudited({ ...request, why: '→ page' }, (open) => readText(open())),
  };
}
