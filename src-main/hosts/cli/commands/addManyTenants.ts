import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { AppError } from '../../../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import type { Tenant } from '../../../../src-shared/model/tenants/remoteNetworks.ts';
import {
  maxTenantCsv,
  readTenantCsv,
  type TenantCsvRow,
} from '../../../../src-shared/model/tenants/tenantCsv.ts';
import type { TenantOutcome } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import type { Services } from '../../../services.ts';
import { assertConfirmed } from '../confirm.ts';
import { readTableFile } from '../files.ts';
import { formatValue, formatTable, type Output } from '../output.ts';
import { createProgress } from '../progress.ts';
import { stopSignal } from '../stopSignal.ts';
import { findAppliance, withConsole, type Globals } from '../withConsole.ts';
import { addRows } from './addRows.ts';
import { exitCodeOfOutcome, readReason, fetchTenants } from './tenantChanges.ts';

const previewRows = 20;

export type AddManyRequest = {
  appliance: string;
  file: string;
  reason?: string;
  skipExisting: boolean;
  progress: boolean;
  yes: boolean;
};

/** The short form of the result, which is printed before the message. */
const outcomeWords: Record<TenantOutcome['state'], string> = {
  done: 'added',
  partly: 'partly added',
  'not-done': 'not added',
  unknown: 'unknown',
};

/**
 * Returns the rows whose tenants are not on the appliance yet. A row whose tenant exists with another key
 * gets a problem.
 */
async function withoutExisting(
  rows: readonly TenantCsvRow[],
  listed: () => Promise<readonly Tenant[]>,
): Promise<TenantCsvRow[]> {
  const tenants = new Map((await listed()).map((tenant) => [tenant.clientId, tenant]));
  return rows.flatMap((row) => {
    const tenant = tenants.get(row.clientId);
    if (tenant === undefined) return [row];
    const hasKey = tenant.keys.some((key) => key.fingerprint === row.fingerprint);
    return hasKey ? [] : [{ ...row, problems: [...row.problems, `${row.clientId} exists with another key`] }];
  });
}

/** Prints a line for each invalid row. Throws INVALID_INPUT if there is any. */
function assertRowsValid(file: string, rows: readonly TenantCsvRow[], output: Output): void {
  const wrong = rows.filter((row) => row.problems.length > 0);
  if (wrong.length === 0) return;
  const problems = wrong.map((row) => `line ${row.line}: ${row.problems.join('; ')}`);
  if (!output.json)
    for (const problem of problems) output.printError(`${formatValue(file)}: ${formatValue(problem)}`);
  const count = wrong.length === 1 ? '1 row' : `${wrong.length} rows`;
  throw new AppError('INVALID_INPUT', `${count} of ${file} can’t be added. Nothing was changed.`, {
    detail: { problems },
  });
}

/** Adds the tenants of a CSV file in order. Stops at the first row that fails. */
export function addManyTenants(globals: Globals, request: AddManyRequest): Promise<number> {
  return withConsole(globals, async (services) => {
    const reason = readReason(request.reason);
    const entry = findAppliance(services, request.appliance);
    const { output } = globals;
    const { rows: all, problem } = readTenantCsv(readTableFile(request.file, maxTenantCsv));
    if (problem !== null) throw new AppError('INVALID_INPUT', `${request.file}: ${problem}`);
    const rows = request.skipExisting ? await withoutExisting(all, () => fetchTenants(services, entry)) : all;
    assertRowsValid(request.file, rows, output);
    const skipped = all.length - rows.length;
    if (skipped > 0) output.printError(`${skipped} of ${all.length} tenants already exist.`);
    if (rows.length === 0) {
      output.print({ total: 0, added: 0, skipped, items: [] }, () => '');
      return exitCodes.done;
    }
    if (!output.json) {
      const preview = rows
        .slice(0, previewRows)
        .map((row) => [row.line, row.clientId, row.quota ?? 'default', row.fingerprint]);
      output.printError(formatTable(['LINE', 'TENANT', 'QUOTA', 'KEY'], preview));
      if (rows.length > previewRows) output.printError(`… and ${rows.length - previewRows} more`);
    }
    await assertConfirmed(request.yes);
    const results = await addAll(
      services,
      entry,
      { rows, reason, isProgressWanted: request.progress },
      output,
    );
    const added = results.filter(({ outcome }) => outcome.state === 'done').length;
    output.print({ total: rows.length, added, skipped, items: results }, () => '');
    if (added < rows.length)
      output.printError(
        `sallyport: ${added} of ${rows.length} tenants were added; the remaining rows were not tried. To add them, run the command again with --skip-existing.`,
      );
    const last = results.at(-1)?.outcome;
    return last === undefined ? exitCodes.failed : exitCodeOfOutcome(last);
  });
}

/** Adds the rows. Text output prints each result at once; `--json` prints one document at the end. */
async function addAll(
  services: Services,
  entry: ApplianceEntry,
  request: { rows: readonly TenantCsvRow[]; reason: string; isProgressWanted: boolean },
  output: Output,
) {
  const { rows, reason } = request;
  const progress = createProgress({
    total: rows.length,
    isWanted: request.isProgressWanted,
    clock: () => performance.now(),
  });
  try {
    return await addRows({
      rows,
      signal: stopSignal().signal,
      apply: (action) =>
        services.tenants.apply({ applianceId: entry.id, action, basis: null, reason, typedName: null }),
      onResult: ({ index, clientId, outcome }) => {
        const result = outcomeWords[outcome.state];
        progress.end();
        if (!output.json)
          output.text(
            `${String(index + 1).padStart(3)}/${rows.length} ${result}: ${formatValue(outcome.message)}`,
          );
        progress.step(index + 1, `${result}: ${clientId}`);
      },
    });
  } finally {
    progress.end();
  }
}
