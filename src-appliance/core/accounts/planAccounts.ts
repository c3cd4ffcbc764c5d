import { createHash } from 'node:crypto';
import { z } from 'zod';
import { dayMs } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import type { AccountPlan, AccountStep } from '../../../src-shared/model/usage/accountPlan.ts';
import type { UsageSummary } from '../../../src-shared/model/usage/usageSummary.ts';
import type { Appliance } from '../appliance.ts';
import { readClock, requireKnownTime } from '../licence/clock.ts';
import { hashAccount } from '../usage/accountLine.ts';
import { readUsageContext, withAccountSnapshot, type UsageContext } from '../usage/usageContext.ts';
import {
  presentView,
  summariseUsage,
  type AccountCondition,
  type AccountSource,
  type AccountView,
} from '../usage/usageSummary.ts';
import type { SqlReader } from './accountsDatabase.ts';
import {
  accountChanges,
  findByHash,
  findIdle,
  requirePermission,
  updateAccounts,
  updateApplication,
  updateRows,
} from './changeAccounts.ts';
import { idleSql } from './listAccounts.ts';
import { requireAccountTables } from './migrateAccounts.ts';
import { withAccounts } from './openAccounts.ts';

const idSchema = z.object({ id: z.int().positive() });

/** The accounts that a step is about, and those that it changes, in order. */
type Found = { step: AccountStep; ids: readonly number[]; changed: readonly number[] };

/** Those of `ids` for which `condition` holds. */
async function selectIds(reader: SqlReader, ids: readonly number[], condition: string): Promise<number[]> {
  const found: number[] = [];
  for (let at = 0; at < ids.length; at += updateRows) {
    const part = ids.slice(at, at + updateRows);
    const places = part.map(() => '?').join(', ');
    const sql = `SELECT id FROM account WHERE id IN (${places}) AND ${condition}`;
    found.push(...(await reader.all(idSchema, sql, ...part)).map(({ id }) => id));
  }
  return found.toSorted((a, b) => a - b);
}

const memberSchema = z.object({ id: z.int().positive(), isMarked: z.int() });

/** The accounts of an application that its mark changes: those without a mark of their own, or none if it is so already. */
async function findOfApplication(reader: SqlReader, number: number, isOpen: string) {
  const known = await reader.all(idSchema, 'SELECT id FROM application WHERE id = ?', number);
  if (known.length === 0) throw new AppError('NOT_FOUND', `there is no application ${number}`);
  const all = 'SELECT id, is_internal AS "isMarked" FROM account WHERE application_id = ? ORDER BY id';
  const members = await reader.all(memberSchema, all, number);
  const open = await reader.all(idSchema, `SELECT id FROM application WHERE id = ? AND ${isOpen}`, number);
  const changed = open.length === 0 ? [] : members.filter(({ isMarked }) => isMarked === 0);
  return { ids: members.map(({ id }) => id), changed: changed.map(({ id }) => id) };
}

/** Throws NOT_FOUND for an unknown account or application. */
async function findStep(reader: SqlReader, step: AccountStep, now: number): Promise<Found> {
  const { action, accounts } = step;
  const { isOpen } = accountChanges[action];
  if ('application' in accounts)
    return { step, ...(await findOfApplication(reader, accounts.application, isOpen)) };
  const ids =
    'hashes' in accounts
      ? await findByHash(reader, new Set(accounts.hashes))
      : await findIdle(reader, now - accounts.idleDays * dayMs);
  return { step, ids, changed: await selectIds(reader, ids, isOpen) };
}

/** No step depends on the one before it, so a rehearsal finds the same accounts as the change. */
async function findSteps(reader: SqlReader, { steps, now }: { steps: readonly AccountStep[]; now: number }) {
  const digest = createHash('sha256').update(JSON.stringify(steps));
  const found: Found[] = [];
  for (const step of steps) {
    const one = await findStep(reader, step, now);
    digest.update(`\n${one.changed.join(' ')}`);
    found.push(one);
  }
  return { found, digest: digest.digest('hex') };
}

/** The accounts that a step changes, as a condition. Those without requests are too many to name. */
function changedBy({ step: { accounts }, changed }: Found, now: number): AccountCondition {
  if ('application' in accounts)
    return { sql: 'a.application_id = ? AND a.is_internal = 0', values: [accounts.application] };
  if ('idleDays' in accounts) return { sql: idleSql, values: [now - accounts.idleDays * dayMs] };
  if (changed.length === 0) return { sql: '0 = 1', values: [] };
  return { sql: `a.id IN (${changed.map(() => '?').join(', ')})`, values: [...changed] };
}

const otherwise = ({ sql, values }: AccountCondition, value: 0 | 1, before: AccountCondition) => ({
  sql: `CASE WHEN ${sql} THEN ${value} ELSE ${before.sql} END`,
  values: [...values, ...before.values],
});

/** How the accounts count after a step. An unmarked account of a marked application stays internal. */
function viewAfter(
  view: AccountView,
  found: Found,
  { context, now }: { context: UsageContext; now: number },
) {
  const { action, accounts } = found.step;
  const changed = changedBy(found, now);
  if (action === 'deactivate') return { ...view, active: otherwise(changed, 0, view.active) };
  if (context.internal !== 'marked') return view;
  if (action === 'mark-internal') return { ...view, internal: otherwise(changed, 1, view.internal) };
  const freed =
    'application' in accounts
      ? changed.sql
      : `${changed.sql} AND a.application_id NOT IN (SELECT id FROM application WHERE is_internal = 1)`;
  return { ...view, internal: otherwise({ ...changed, sql: freed }, 0, view.internal) };
}

type Assumed = NonNullable<UsageSummary['assumed']>;

/** What the counts after each step assume. A count is never negative: less marks than before are no assumed marks. */
function assume(assumed: Assumed, { step: { action, accounts }, changed }: Found): Assumed {
  if (action === 'deactivate') {
    const idleDays = 'idleDays' in accounts ? accounts.idleDays : null;
    return { ...assumed, deactivated: changed.length, idleDays };
  }
  return action === 'unmark' ? assumed : { ...assumed, markedInternal: changed.length };
}

const describeFound = ({ step, ids, changed }: Found) => ({
  action: step.action,
  changed: changed.length,
  unchanged: ids.length - changed.length,
  changedHashes: 'hashes' in step.accounts ? changed.map(hashAccount) : null,
});

/** Counts the accounts before the steps and after each of them, from one state and without a write. */
async function rehearse(
  source: AccountSource,
  { context, now }: { context: UsageContext; now: number },
  found: readonly Found[],
): Promise<Pick<AccountPlan, 'before' | 'steps'>> {
  let view = presentView(context);
  const before = await summariseUsage(context, source, view);
  let assumed: Assumed = { markedInternal: 0, deactivated: 0, idleDays: null };
  const steps: AccountPlan['steps'] = [];
  for (const one of found) {
    view = viewAfter(view, one, { context, now });
    assumed = assume(assumed, one);
    const after = await summariseUsage(context, source, view);
    steps.push({ ...describeFound(one), after: { ...after, assumed } });
  }
  return { before, steps };
}

/** The time of steps that the licence permits: the trusted one, which must be known if a step depends on it. */
async function readChangeTime(appliance: Appliance, steps: readonly AccountStep[]): Promise<number> {
  for (const { action } of steps) await requirePermission(appliance, action);
  const clock = await readClock(appliance.config.stateFolder, appliance.now());
  return steps.some(({ action }) => accountChanges[action].isTimed) ? requireKnownTime(clock) : clock.trusted;
}

/**
 * Says what steps would change, with the counts of the present month before and after each of them. Changes nothing. Throws
 * LICENCE_FORBIDS, NOT_FOUND for an unknown account or application, COMMAND_FAILED if a step depends on a clock that is
 * wrong, and DATABASE_UNUSABLE.
 */
export async function planAccounts(
  appliance: Appliance,
  steps: readonly AccountStep[],
): Promise<AccountPlan> {
  const now = await readChangeTime(appliance, steps);
  const context = await readUsageContext(appliance, undefined);
  return withAccountSnapshot(appliance, async (reader, { place, dialect }) => {
    const { found, digest } = await findSteps(reader, { steps, now });
    const source = { reader, place, dialect };
    const counted = await rehearse(source, { context, now }, found);
    return { contract: 1, isApplied: false, digest, ...counted };
  });
}

/** Makes all steps of a plan or none. Throws CONFLICT if they would change other accounts by now, and like `planAccounts`. */
export async function applyAccounts(
  appliance: Appliance,
  { steps, expected }: { steps: readonly AccountStep[]; expected: string },
): Promise<AccountPlan> {
  const now = await readChangeTime(appliance, steps);
  return withAccounts(appliance, { isCreated: false }, (database) =>
    database.write(async (writer) => {
      await requireAccountTables(database, writer);
      const { found, digest } = await findSteps(writer, { steps, now });
      if (digest !== expected)
        throw new AppError(
          'CONFLICT',
          'the accounts that these steps change are no longer those of the plan; nothing was changed',
        );
      for (const { step, changed } of found) {
        const { action, accounts } = step;
        if ('application' in accounts)
          await updateApplication(writer, { action, number: accounts.application });
        else await updateAccounts(writer, { action, ids: changed, now });
      }
      const made = found.map((one) => ({ ...describeFound(one), after: null }));
      return { contract: 1, isApplied: true, digest, before: null, steps: made };
    }),
  );
}
