import { z } from 'zod';
import { dayMs } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { licenceStates } from '../../../src-shared/model/licence/licence.ts';
import {
  accountActions,
  type AccountAction,
  type AccountChange,
} from '../../../src-shared/model/usage/manageAccounts.ts';
import type { Appliance } from '../appliance.ts';
import { showLicence } from '../licence/licence.ts';
import { readClock, requireKnownTime } from '../licence/clock.ts';
import { hashAccount } from '../usage/accountLine.ts';
import type { SqlReader, SqlValue, SqlWriter } from './accountsDatabase.ts';
import { idleSql } from './listAccounts.ts';
import { requireAccountTables } from './migrateAccounts.ts';
import { withAccounts } from './openAccounts.ts';

/** Which accounts to change: an application with all of them, those without requests for so long, or those with these hashes. */
export type AccountSelection =
  { application: number } | { idleDays: number } | { hashes: ReadonlySet<string> };

/** The change of a row, which rows are not so yet, and whether the change records its time. */
export const accountChanges: Record<
  AccountAction,
  { set: string; isOpen: string; isTimed: boolean; values: (now: number) => SqlValue[] }
> = {
  'mark-internal': { set: 'is_internal = 1', isOpen: 'is_internal = 0', isTimed: false, values: () => [] },
  unmark: { set: 'is_internal = 0', isOpen: 'is_internal = 1', isTimed: false, values: () => [] },
  deactivate: {
    set: 'deactivated_at = ?, updated_at = ?',
    isOpen: 'deactivated_at IS NULL',
    isTimed: true,
    values: (now) => [now, now],
  },
};

/** The vendor enables marks as internal development, because they waive fees **[doc]**. Throws LICENCE_FORBIDS. */
export async function requirePermission(appliance: Appliance, action: AccountAction): Promise<void> {
  if (!accountActions[action].needsPermission) return;
  const { state, reason, entitlements } = await showLicence(appliance);
  if (!licenceStates[state].allowsGrowth)
    throw new AppError('LICENCE_FORBIDS', `the licence forbids marks as internal development: ${reason}`);
  if (entitlements?.internalDevelopment !== true)
    throw new AppError(
      'LICENCE_FORBIDS',
      'the licence permits no marks as internal development; the vendor enables them',
    );
}

const idSchema = z.tuple([z.int().positive()]);

/** The accounts with these hashes of their IDs. Throws NOT_FOUND unless each one is there. */
export async function findByHash(reader: SqlReader, hashes: ReadonlySet<string>): Promise<number[]> {
  const ids: number[] = [];
  for await (const batch of reader.stream('SELECT id FROM account WHERE connected_at >= ?', 0))
    for (const row of batch) {
      const [id] = idSchema.parse(row);
      if (hashes.has(hashAccount(id))) ids.push(id);
    }
  const missing = hashes.size - ids.length;
  if (missing > 0)
    throw new AppError(
      'NOT_FOUND',
      `${missing} of ${hashes.size} accounts are not there; nothing was changed`,
    );
  return ids;
}

export async function findIdle(reader: SqlReader, before: number): Promise<number[]> {
  const ids: number[] = [];
  for await (const batch of reader.stream(`SELECT a.id FROM account a WHERE ${idleSql}`, before))
    for (const row of batch) ids.push(idSchema.parse(row)[0]);
  return ids;
}

/** SQLite takes at most 32,766 values in a statement. */
export const updateRows = 1000;

export async function updateAccounts(
  writer: SqlWriter,
  { action, ids, now }: { action: AccountAction; ids: readonly number[]; now: number },
): Promise<number> {
  const { set, isOpen, values } = accountChanges[action];
  let changed = 0;
  for (let at = 0; at < ids.length; at += updateRows) {
    const part = ids.slice(at, at + updateRows);
    const places = part.map(() => '?').join(', ');
    const sql = `UPDATE account SET ${set} WHERE id IN (${places}) AND ${isOpen}`;
    changed += await writer.run(sql, ...values(now), ...part);
  }
  return changed;
}

export async function updateApplication(
  writer: SqlWriter,
  { action, number }: { action: AccountAction; number: number },
): Promise<number> {
  const { set, isOpen } = accountChanges[action];
  const known = await writer.all(
    z.object({ id: z.int() }),
    'SELECT id FROM application WHERE id = ?',
    number,
  );
  if (known.length === 0) throw new AppError('NOT_FOUND', `there is no application ${number}`);
  return writer.run(`UPDATE application SET ${set} WHERE id = ? AND ${isOpen}`, number);
}

/**
 * Marks, unmarks or deactivates accounts, all or none. With `isDryRun`, only says what would change. Throws LICENCE_FORBIDS,
 * NOT_FOUND for an unknown account or application, COMMAND_FAILED if the change depends on a clock that is wrong, and
 * DATABASE_UNUSABLE.
 */
export async function changeAccounts(
  appliance: Appliance,
  change: { action: AccountAction; selection: AccountSelection; isDryRun: boolean },
): Promise<AccountChange> {
  const { action, selection, isDryRun } = change;
  await requirePermission(appliance, action);
  const clock = await readClock(appliance.config.stateFolder, appliance.now());
  const isTimed = accountChanges[action].isTimed || 'idleDays' in selection;
  const now = isTimed ? requireKnownTime(clock) : clock.trusted;
  const apply = async (writer: SqlWriter): Promise<AccountChange> => {
    const result = { contract: 1, action, isDryRun } as const;
    if ('application' in selection) {
      const changed = await updateApplication(writer, { action, number: selection.application });
      return { ...result, what: 'application', changed, unchanged: 1 - changed };
    }
    const ids =
      'hashes' in selection
        ? await findByHash(writer, selection.hashes)
        : await findIdle(writer, now - selection.idleDays * dayMs);
    const changed = await updateAccounts(writer, { action, ids, now });
    return { ...result, what: 'accounts', changed, unchanged: ids.length - changed };
  };
  return withAccounts(appliance, { isCreated: false }, (database) =>
    database.write(
      async (writer) => {
        await requireAccountTables(database, writer);
        return apply(writer);
      },
      { isRehearsal: isDryRun },
    ),
  );
}
