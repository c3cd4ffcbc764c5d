import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import { shorten, visibleText } from '../../src-shared/base/machineText.ts';
import { instantSchema } from '../../src-shared/base/time.ts';
import { errorCodes } from '../../src-shared/errorCodes.ts';
import { AppError, exitCodeOf } from '../../src-shared/errors.ts';
import { exitCodes } from '../../src-shared/exitCodes.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { configurationDigestSchema } from '../../src-shared/model/configuration/configurationCommands.ts';
import { maxNote, type ApplianceResult } from '../../src-shared/model/fanOut/fleetRun.ts';
import { skipReasonOf, skipReasons } from '../../src-shared/model/fanOut/runStates.ts';
import type { RunTask } from '../../src-shared/model/fanOut/runTask.ts';
import { formatRanges } from '../../src-shared/model/tenants/ports.ts';
import { quotaActionSchema, type TenantOutcome } from '../../src-shared/model/tenants/tenantPlan.ts';
import type { ConfigurationChanged } from '../../src-shared/contract/configuration.ts';
import type { Driver } from '../driver/driver.ts';
import type { Links } from '../links/links.ts';
import { withLink } from '../links/withLink.ts';
import type { PlanServices, TaskPlan } from './planTask.ts';

/** What undoes the change of one appliance, and the state in which it may be undone. */
export const undoSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tenant'), action: quotaActionSchema, basis: instantSchema.nullable() }),
  z.object({
    kind: z.literal('configuration'),
    base: configurationDigestSchema,
    now: configurationDigestSchema,
  }),
]);
export type Undo = z.infer<typeof undoSchema>;

/** What the task did on one appliance. */
export type Performed = Pick<
  ApplianceResult,
  'state' | 'skip' | 'exitCode' | 'milliseconds' | 'revision' | 'note' | 'output' | 'isCut'
> & { undo: Undo | null };

export type PerformServices = PlanServices & {
  links: Pick<Links, 'hold' | 'waitUntilSettled'> & {
    of: (applianceId: string) => { driver: Pick<Driver, 'readText'> };
  };
};

type Ran = Pick<Performed, 'state' | 'exitCode' | 'note'> &
  Partial<Pick<Performed, 'revision' | 'undo'>> & { output: string };

async function read({ links }: PerformServices, entry: ApplianceEntry, task: RunTask): Promise<Ran> {
  if (task.kind !== 'read') throw new Error(`${task.kind} is no read command`);
  const { exitCode, output, failure } = await links.of(entry.id).driver.readText(task.command);
  return { state: failure === null ? 'done' : 'failed', exitCode, note: failure?.message ?? '', output };
}

const tenantStates = {
  done: 'done',
  partly: 'failed',
  'not-done': 'failed',
  unknown: 'unknown',
} as const satisfies Record<TenantOutcome['state'], ApplianceResult['state']>;

const outputOf = (outcome: TenantOutcome): string =>
  [
    ...(outcome.tenant === null
      ? []
      : [
          `suspended: ${outcome.tenant.suspended ? 'yes' : 'no'}`,
          `quota: ${outcome.tenant.quota}`,
          `ports: ${formatRanges(outcome.tenant.ports)}`,
        ]),
    ...(outcome.endedSessions === null ? [] : [`ended sessions: ${outcome.endedSessions}`]),
    `result: ${outcome.state}${outcome.code === null ? '' : ` (${outcome.code})`}`,
  ].join('\n');

async function changeTenant(
  { tenants }: PerformServices,
  entry: ApplianceEntry,
  plan: Extract<TaskPlan, { kind: 'tenant' }>,
  reason: string,
): Promise<Ran> {
  const { action, basis, undo } = plan;
  const outcome = await tenants.apply({ applianceId: entry.id, action, basis, reason, typedName: null });
  const state = tenantStates[outcome.state];
  const inverse = quotaActionSchema.safeParse(undo.action).data;
  return {
    state,
    exitCode: state === 'done' ? exitCodes.done : exitCodeOf(outcome.code ?? 'INTERNAL'),
    note: state === 'done' ? '' : outcome.message,
    output: outputOf(outcome),
    undo:
      state === 'done' && inverse !== undefined && outcome.tenant !== null
        ? { kind: 'tenant', action: inverse, basis: outcome.tenant.changedAt }
        : null,
  };
}

const readBackNotes: Record<ConfigurationChanged['readBack'], string> = {
  same: '',
  'rolled-back':
    'The appliance had something else when it was read back, so the earlier configuration was restored.',
  different:
    'The appliance has something else than was applied, and the earlier configuration was not restored.',
  unknown: 'The command succeeded, but its result could not be read back.',
};

const readBackStates = {
  same: 'done',
  'rolled-back': 'failed',
  different: 'failed',
  unknown: 'unknown',
} as const satisfies Record<ConfigurationChanged['readBack'], ApplianceResult['state']>;

async function changeConfiguration(
  { configuration }: PerformServices,
  entry: ApplianceEntry,
  plan: Extract<TaskPlan, { kind: 'configuration' }>,
  reason: string,
): Promise<Ran> {
  const { text, unchangedSince, revision } = plan;
  const { output, readBack } = await configuration.apply({
    applianceId: entry.id,
    text,
    unchangedSince,
    reason,
  });
  const state = readBackStates[readBack];
  return {
    state,
    exitCode: state === 'done' ? exitCodes.done : exitCodes.verificationFailed,
    note: readBackNotes[readBack],
    revision: { before: revision, after: output.revision },
    output: [
      ...output.changes.map(
        ({ path, before, after }) => `${path}: ${before ?? 'none'} -> ${after ?? 'none'}`,
      ),
      `result: ${output.outcome}`,
      `read back: ${readBack}`,
    ].join('\n'),
    undo:
      readBack === 'same' && output.outcome === 'applied' && output.digest !== null
        ? { kind: 'configuration', base: unchangedSince, now: output.digest }
        : null,
  };
}

function run(
  services: PerformServices,
  request: { entry: ApplianceEntry; task: RunTask; plan: TaskPlan; reason: string },
): Promise<Ran> {
  const { entry, task, plan, reason } = request;
  switch (plan.kind) {
    case 'read':
      return read(services, entry, task);
    case 'tenant':
      return changeTenant(services, entry, plan, reason);
    case 'configuration':
      return changeConfiguration(services, entry, plan, reason);
  }
}

const nothingRan = {
  exitCode: null,
  milliseconds: null,
  revision: null,
  output: null,
  isCut: false,
  undo: null,
};

/** An error before the command was sent skips the appliance if it can't be used now; any other one is a failure. */
function describeError(
  error: AppError,
  { wasLinked, isChange }: { wasLinked: boolean; isChange: boolean },
): Performed {
  const skip = skipReasonOf(error.code);
  const note = shorten(visibleText(error.message), maxNote);
  const isUnchanged =
    errorCodes[error.code].changedNothing === true || error.detail['changedNothing'] === true;
  if (skipReasons[skip].isUnusable === true && (!wasLinked || isUnchanged))
    return { ...nothingRan, state: 'skipped', skip, note };
  return {
    ...nothingRan,
    state: isChange && !isUnchanged ? 'unknown' : 'failed',
    skip: null,
    exitCode: exitCodeOf(error.code),
    note,
    output: `result: failed (${error.code})\n${visibleText(error.message)}`,
  };
}

/** Runs the task on one appliance. Rejects only on a fault of the console: every error of the appliance is a result. */
export async function performTask(
  services: PerformServices,
  request: { entry: ApplianceEntry; task: RunTask; plan: TaskPlan; reason: string; maxOutput: number },
): Promise<Performed> {
  const { entry, plan, maxOutput } = request;
  let startedAt: number | null = null;
  try {
    return await withLink(services.links, entry, async () => {
      startedAt = performance.now();
      const ran = await run(services, request);
      const output = visibleText(ran.output).trimEnd();
      return {
        revision: null,
        undo: null,
        ...ran,
        skip: null,
        milliseconds: Math.round(performance.now() - startedAt),
        note: shorten(visibleText(ran.note), maxNote),
        output: shorten(output, maxOutput),
        isCut: output.length > maxOutput,
      };
    });
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    const described = describeError(thrown, {
      wasLinked: startedAt !== null,
      isChange: plan.kind !== 'read',
    });
    const milliseconds = startedAt === null ? null : Math.round(performance.now() - startedAt);
    return described.state === 'skipped' ? described : { ...described, milliseconds };
  }
}
