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
import { assertWanted } from '../confirm.ts';
import { readTextFile } from '../files.ts';
import { shown, table, type Output } from '../output.ts';
import { createProgress } from '../progress.ts';
import { stopSignal } from '../stopSignal.ts';
import { named, withConsole, type Globals } from '../withConsole.ts';
import { exitCodeOfOutcome, readReason, tenantsNow } from './tenantChanges.ts';

const previewRows = 20;

export type AddMany = {
  appliance: string;
  file: string;
  reason?: string;
  skipExisting: boolean;
  progress: boolean;
  yes: boolean;
};

/** The start of each progress line; the appliance's message follows. */
const outcomeWords: Record<TenantOutcome['state'], string> = {
  done: 'added',
  partly: 'partly added',
  'not-done': 'not added',
  unknown: 'unknown',
};

/** The rows that still have to be added. Leaves out tenants that exist with the same key. */
async function withoutExisting(
  rows: readonly TenantCsvRow[],
  listed: () => Promise<readonly Tenant[]>,
): Promise<TenantCsvRow[]> {
  const tenants = new Map((await listed()).map((tenant) => [tenant.clientId, tenant]));
  return rows.flatMap((row) => {
    const there = tenants.get(row.clientId);
    if (there === undefined) return [row];
    const hasKey = there.keys.some((key) => key.fingerprint === row.fingerprint);
    return hasKey ? [] : [{ ...row, problems: [...row.problems, `${row.clientId} exists with another key`] }];
  });
}

/** Prints a line for each invalid row. Throws INVALID_INPUT if a row is invalid. */
function assertAllGood(file: string, rows: readonly TenantCsvRow[], output: Output): void {
  const wrong = rows.filter((row) => row.problems.length > 0);
  if (wrong.length === 0) return;
  const problems = wrong.map((row) => `line ${row.line}: ${row.problems.join('; ')}`);
  if (!output.json) for (const problem of problems) output.complain(`${shown(file)}: ${shown(problem)}`);
  const count = wrong.length === 1 ? '1 row' : `${wrong.length} rows`;
  throw new AppError('INVALID_INPUT', `${count} of ${file} can't be added. Nothing was changed.`, {
    detail: { problems },
  });
}

/** Adds the tenants of a CSV file in order and stops at the first failure. */
export function addManyTenants(globals: Globals, given: AddMany): Promise<number> {
  return withConsole(globals, async (services) => {
    const reason = readReason(given.reason);
    const entry = named(services, given.appliance);
    const { output } = globals;
    const { rows: all, problem } = readTenantCsv(readTextFile(given.file, maxTenantCsv));
    if (problem !== null) throw new AppError('INVALID_INPUT', `${given.file}: ${problem}`);
    const rows = given.skipExisting ? await withoutExisting(all, () => tenantsNow(services, entry)) : all;
    assertAllGood(given.file, rows, output);
    const skipped = all.length - rows.length;
    if (skipped > 0) output.complain(`${skipped} of ${all.length} tenants already exist.`);
    if (rows.length === 0) {
      output.print({ total: 0, added: 0, skipped, items: [] }, () => '');
      return exitCodes.done;
    }
    if (!output.json) {
      const preview = rows
        .slice(0, previewRows)
        .map((row) => [row.line, row.clientId, row.quota ?? 'default', row.fingerprint]);
      output.complain(table(['LINE', 'TENANT', 'QUOTA', 'KEY'], preview));
      if (rows.length > previewRows) output.complain(`… and ${rows.length - previewRows} more`);
    }
    await assertWanted(given.yes);
    const events = await addRows(services, entry, { rows, reason, isProgressWanted: given.progress }, output);
    const added = events.filter(({ outcome }) => outcome.state === 'done').length;
    output.print({ total: rows.length, added, skipped, items: events }, () => '');
    if (added < rows.length)
      output.complain(
        `sallyport: ${added} of ${rows.length} tenants were added. The remaining rows were not tried. To continue, repeat the command with --skip-existing.`,
      );
    const last = events.at(-1)?.outcome;
    return last === undefined ? exitCodes.failed : exitCodeOfOutcome(last);
  });
}

type AddedRow = { index: number; clientId: string; outcome: TenantOutcome };

/** Adds the rows in order until one fails. Text output shows each result at once, JSON all of them at the end. */
async function addRows(
  services: Services,
  entry: ApplianceEntry,
  given: { rows: readonly TenantCsvRow[]; reason: string; isProgressWanted: boolean },
  output: Output,
): Promise<AddedRow[]> {
  const { rows, reason } = given;
  const events: AddedRow[] = [];
  const progress = createProgress({
    total: rows.length,
    isWanted: given.isProgressWanted,
    clock: () => performance.now(),
  });
  try {
    for await (const event of services.tenants.addMany({
      applianceId: entry.id,
      reason,
      rows: rows.map(({ clientId, publicKey, quota }) => ({ clientId, publicKey, quota })),
      signal: stopSignal().signal,
    })) {
      events.push(event);
      const { message, state } = event.outcome;
      progress.end();
      if (!output.json)
        output.text(
          `${String(event.index + 1).padStart(3)}/${rows.length} ${outcomeWords[state]}: ${shown(message)}`,
        );
      progress.step(events.length, `${outcomeWords[state]}: ${event.clientId}`);
    }
  } finally {
    progress.end();
  }
  return events;
}
