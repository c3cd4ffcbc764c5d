import { createHash } from 'node:crypto';
import { z } from 'zod';
import { dayMs } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import type { AccountPlan, AccountStep } from '../../../src-shared/model/usage/accountPlan.ts';
import type { UsageSummary } from '../../../src-shared/model/usage/usageSummary.ts';
import type { Appliance } from '../appliance.ts';
import { readClock, requireKnownTime } from '../licence/clock.ts';
import { hashAccount } from '../usage/accountLine.ts';
import { readUsageContext, type UsageContext } from '../usage/usageContext.ts';
import { summariseUsage } from '../usage/usageSummary.ts';
import type { SqlReader, SqlWriter } from './accountsDatabase.ts';
import {
  accountChanges,
  findByHash,
  findIdle,
  requirePermission,
  updateAccounts,
  updateApplication,
  updateRows,
} from './changeAccounts.ts';
import { requireAccountTables } from './migrateAccounts.ts';
import { withAccounts } from './openAccounts.ts';

const idSchema = z.object({ id: z.int().positive() });

/** Those of `ids` that are not so yet, in order. */
async function findOpen(reader: SqlReader, ids: readonly number[], isOpen: string): Promise<number[]> {
  const open: number[] = [];
  for (let at = 0; at < ids.length; at += updateRows) {
    const part = ids.slice(at, at + updateRows);
    const places = part.map(() => '?').join(', ');
    const sql = `SELECT id FROM account WHERE id IN (${places}) AND ${isOpen}`;
    open.push(...(await reader.all(idSchema, sql, ...part)).map(({ id }) => id));
  }
  return open.toSorted((a, b) => a - b);
}

/** The accounts that a step is about, and those that it changes. */
type Made = { ids: readonly number[]; changed: readonly number[] };

const memberSchema = z.object({ id: z.int().positive(), isMarked: z.int() });

/** The accounts of an application that its mark changes: those without a mark of their own, or none if it is so already. */
async function findOfApplication(reader: SqlReader, number: number, isOpen: string): Promise<Made> {
  const all = 'SELECT id, is_internal AS "isMarked" FROM account WHERE application_id = ? ORDER BY id';
  const members = await reader.all(memberSchema, all, number);
  const open = await reader.all(idSchema, `SELECT id FROM application WHERE id = ? AND ${isOpen}`, number);
  const changed = open.length === 0 ? [] : members.filter(({ isMarked }) => isMarked === 0);
  return { ids: members.map(({ id }) => id), changed: changed.map(({ id }) => id) };
}

/** Makes a step, and says which accounts it is about and which it changes. Throws NOT_FOUND. */
async function makeStep(writer: SqlWriter, { action, accounts }: AccountStep, now: number): Promise<Made> {
  const { isOpen } = accountChanges[action];
  if ('application' in accounts) {
    const found = await findOfApplication(writer, accounts.application, isOpen);
    await updateApplication(writer, { action, number: accounts.application });
    return found;
  }
  const ids =
    'hashes' in accounts
      ? await findByHash(writer, new Set(accounts.hashes))
      : await findIdle(writer, now - accounts.idleDays * dayMs);
  const changed = await findOpen(writer, ids, isOpen);
  await updateAccounts(writer, { action, ids: changed, now });
  return { ids, changed };
}

type Assumed = NonNullable<UsageSummary['assumed']>;

function assume(assumed: Assumed, { action, accounts }: AccountStep, changed: number): Assumed {
  if (action === 'deactivate') {
    const idleDays = 'idleDays' in accounts ? accounts.idleDays : assumed.idleDays;
    return { ...assumed, deactivated: assumed.deactivated + changed, idleDays };
  }
  // A count is never negative: less marks than before are no assumed marks.
  return action === 'unmark' ? assumed : { ...assumed, markedInternal: assumed.markedInternal + changed };
}

/** Makes all steps. With `summarise`, counts before the first and after each of them. */
async function makeSteps(
  writer: SqlWriter,
  { steps, now }: { steps: readonly AccountStep[]; now: number },
  summarise: (() => Promise<UsageSummary>) | null,
): Promise<Omit<AccountPlan, 'contract' | 'isApplied'>> {
  const digest = createHash('sha256').update(JSON.stringify(steps));
  const before = summarise === null ? null : await summarise();
  let assumed: Assumed = { markedInternal: 0, deactivated: 0, idleDays: null };
  const made: AccountPlan['steps'] = [];
  for (const step of steps) {
    const { ids, changed } = await makeStep(writer, step, now);
    digest.update(`\n${changed.join(' ')}`);
    assumed = assume(assumed, step, changed.length);
    made.push({
      action: step.action,
      changed: changed.length,
      unchanged: ids.length - changed.length,
      changedHashes: 'hashes' in step.accounts ? changed.map(hashAccount) : null,
      after: summarise === null ? null : { ...(await summarise()), assumed },
    });
  }
  return { digest: digest.digest('hex'), before, steps: made };
}

/** The time of a change: the trusted one, which must be known if a step depends on it. */
async function readChangeTime(appliance: Appliance, steps: readonly AccountStep[]): Promise<number> {
  const clock = await readClock(appliance.config.stateFolder, appliance.now());
  return steps.some(({ action }) => accountChanges[action].isTimed) ? requireKnownTime(clock) : clock.trusted;
}

/**
 * Makes all steps in one transaction or, without `expected`, only rehearses them and counts the present month before and
 * after. `expected` is the digest of the rehearsal. Throws CONFLICT if the steps would change other accounts than then,
 * LICENCE_FORBIDS, NOT_FOUND for an unknown account or application, COMMAND_FAILED if a step depends on a clock that is
 * wrong, and DATABASE_UNUSABLE.
 */
export async function planAccounts(
  appliance: Appliance,
  { steps, expected }: { steps: readonly AccountStep[]; expected: string | null },
): Promise<AccountPlan> {
  for (const { action } of steps) await requirePermission(appliance, action);
  const now = await readChangeTime(appliance, steps);
  const context: UsageContext | null =
    expected === null ? await readUsageContext(appliance, undefined) : null;
  return withAccounts(appliance, { isCreated: false }, (database) =>
    database.write(
      async (writer) => {
        await requireAccountTables(database, writer);
        const summarise =
          context === null ? null : () => summariseUsage(context, { reader: writer, place: database.place });
        const made = await makeSteps(writer, { steps, now }, summarise);
        if (expected !== null && expected !== made.digest)
          throw new AppError(
            'CONFLICT',
            'the accounts that these steps change are no longer those of the plan; nothing was changed',
          );
        return { contract: 1, isApplied: expected !== null, ...made };
      },
      { isRehearsal: expected === null },
    ),
  );
}
