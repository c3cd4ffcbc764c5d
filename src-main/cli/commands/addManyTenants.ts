import { AppError } from '../../../src-shared/errors.ts';
import type { Tenant } from '../../../src-shared/model/remoteNetworks.ts';
import { longestTenantCsv, readTenantCsv, type TenantCsvRow } from '../../../src-shared/model/tenantCsv.ts';
import type { TenantOutcome } from '../../../src-shared/model/tenantPlan.ts';
import { assertWanted } from '../confirm.ts';
import { exitCodes } from '../exitCodes.ts';
import { readBounded } from '../files.ts';
import { givenPath } from '../givenPath.ts';
import { shown, table, type Output } from '../output.ts';
import { stopSignal } from '../stopSignal.ts';
import { named, withConsole, type Globals } from '../withConsole.ts';
import { exitCodeOfOutcome, readReason, tenantsNow } from './tenantChanges.ts';

const previewRows = 20;

export type AddMany = {
  appliance: string;
  file: string;
  reason?: string;
  skipExisting: boolean;
  yes: boolean;
};

/** What stands in front of the sentence that tells more. */
const words: Record<TenantOutcome['state'], string> = {
  done: 'added',
  partly: 'added in part',
  'not-done': 'not added',
  unknown: 'not known',
};

/** The rows that are still to be added; those that are there with their key are passed over where that was asked for. */
async function withoutExisting(
  rows: readonly TenantCsvRow[],
  listed: () => Promise<readonly Tenant[]>,
): Promise<TenantCsvRow[]> {
  const tenants = new Map((await listed()).map((tenant) => [tenant.clientId, tenant]));
  return rows.flatMap((row) => {
    const there = tenants.get(row.clientId);
    if (there === undefined) return [row];
    const hasKey = there.keys.some((key) => key.fingerprint === row.fingerprint);
    return hasKey
      ? []
      : [{ ...row, problems: [...row.problems, `${row.clientId} is there with another key`] }];
  });
}

/** A line for each row that can't be added. Throws INVALID_INPUT where there is one. */
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

/** Adds the tenants of a CSV file, one after the other; stops at the first that fails. */
export function addManyTenants(globals: Globals, given: AddMany): Promise<number> {
  return withConsole(globals, async (console) => {
    const reason = readReason(given.reason);
    const entry = named(console, given.appliance);
    const { output } = globals;
    const { rows: all, problem } = readTenantCsv(await readBounded(givenPath(given.file), longestTenantCsv));
    if (problem !== null) throw new AppError('INVALID_INPUT', `${given.file}: ${problem}`);
    const rows = given.skipExisting ? await withoutExisting(all, () => tenantsNow(console, entry)) : all;
    assertAllGood(given.file, rows, output);
    const skipped = all.length - rows.length;
    if (skipped > 0) output.complain(`${skipped} of ${all.length} tenants are there already.`);
    if (rows.length === 0) return exitCodes.done;
    if (!output.json) {
      const preview = rows
        .slice(0, previewRows)
        .map((row) => [row.line, row.clientId, row.quota ?? 'default', row.fingerprint]);
      output.complain(table(['LINE', 'TENANT', 'QUOTA', 'KEY'], preview));
      if (rows.length > previewRows) output.complain(`… and ${rows.length - previewRows} more`);
    }
    await assertWanted(given.yes);
    let last: TenantOutcome | null = null;
    let done = 0;
    for await (const event of console.tenants.addMany({
      applianceId: entry.id,
      reason,
      rows: rows.map(({ clientId, publicKey, quota }) => ({ clientId, publicKey, quota })),
      signal: stopSignal().signal,
    })) {
      last = event.outcome;
      if (last.state === 'done') done += 1;
      const { message, state } = event.outcome;
      output.line(
        event,
        () => `${String(event.index + 1).padStart(3)}/${rows.length} ${words[state]}: ${shown(message)}`,
      );
    }
    if (done < rows.length)
      output.complain(
        `sallyport: ${done} of ${rows.length} tenants were added; what follows was not tried. Go on with --skip-existing.`,
      );
    return last === null ? exitCodes.other : exitCodeOfOutcome(last);
  });
}
