import { AppError } from '../../../../../src-shared/errors.ts';
import { exitCodes } from '../../../../../src-shared/exitCodes.ts';
import { formatRun, parseRun, type PreparedRun } from '../../../../../src-shared/model/fanOut/fleetRun.ts';
import { taskKinds } from '../../../../../src-shared/model/fanOut/runOrder.ts';
import { applianceStates, skipReasons } from '../../../../../src-shared/model/fanOut/runStates.ts';
import { maxKeysText, runTaskSchema, type RunTask } from '../../../../../src-shared/model/fanOut/runTask.ts';
import type { Services } from '../../../../services.ts';
import { assertConfirmed } from '../../confirm.ts';
import { readInputText, readTableFile } from '../../files.ts';
import { stopSignal } from '../../stopSignal.ts';
import { withConsole, type Globals } from '../../withConsole.ts';
import { readReason } from '../tenantChanges.ts';
import { chooseAppliances, readOrder, type StartOptions } from './chooseAppliances.ts';
import { planRunText, resultLine, runText } from './runText.ts';

export type { StartOptions } from './chooseAppliances.ts';
export type ConfirmOptions = { reason?: string; yes: boolean };
type StartRequest = { task: RunTask; names: readonly string[]; options: StartOptions };

export function readRun(name: string): number {
  const number = parseRun(name);
  if (number !== null) return number;
  throw new AppError('INVALID_INPUT', `${JSON.stringify(name)} is no run. Runs are called ${formatRun(31)}.`);
}

const outputsOf = (services: Services, number: number) =>
  new Map(services.fanOut.results(number).map(({ applianceId, output }) => [applianceId, output]));

/** Prints a run. Exit code: 0 only if each chosen appliance is done, or had nothing left to do. */
export function printRun(globals: Globals, services: Services, number: number): number {
  const view = services.fanOut.view(number);
  const outputs = outputsOf(services, number);
  const results = view.results.map((result) => ({
    ...result,
    output: outputs.get(result.applianceId) ?? null,
  }));
  globals.output.print({ ...view, run: formatRun(number), results }, (paint) =>
    runText(view, (applianceId) => services.fanOut.output({ number, applianceId }), paint),
  );
  const isComplete = view.results.every(
    ({ state, skip }) => state === 'done' || (skip !== null && skipReasons[skip].isComplete === true),
  );
  return isComplete ? exitCodes.done : exitCodes.failed;
}

/** Waits for a run and tells each result at once. The first Ctrl+C starts nothing new; what runs already ends. */
async function follow(globals: Globals, services: Services, number: number): Promise<number> {
  const { output } = globals;
  const { fanOut } = services;
  const stop = stopSignal();
  const onStop = () => {
    output.printError('sallyport: Stopping. What runs already ends; press Ctrl+C again to end at once.');
    fanOut.stop(number);
  };
  stop.signal.addEventListener('abort', onStop);
  const told = new Map<string, string>();
  const unfollow = fanOut.onResult((changed, result) => {
    if (changed !== number || output.json) return;
    const { state, applianceId } = result;
    if (told.get(applianceId) === state || state === 'running') return;
    told.set(applianceId, state);
    output.printError(
      `${applianceStates[state].sign} ${resultLine({ ...result, comparison: { kind: 'none' }, canRollBack: false })}`,
    );
  });
  try {
    await fanOut.ended(number);
  } finally {
    unfollow();
    stop.signal.removeEventListener('abort', onStop);
    stop.release();
  }
  return printRun(globals, services, number);
}

async function start(
  globals: Globals,
  services: Services,
  prepared: PreparedRun,
  { reason, yes }: { reason: string; yes: boolean },
): Promise<number> {
  const isTaken = prepared.appliances.some(({ skip }) => skip === null);
  if (taskKinds[prepared.task.kind].isChange) {
    if (!globals.output.json) globals.output.printError(`${planRunText(prepared)}\n`);
    if (isTaken) await assertConfirmed(yes);
  }
  const { number } = services.fanOut.start({ draftId: prepared.draftId, reason });
  return follow(globals, services, number);
}

async function prepareAndStart(
  globals: Globals,
  services: Services,
  { task, names, options }: StartRequest,
  confirmed: { reason: string; yes: boolean },
): Promise<number> {
  const entries = chooseAppliances(services, names, options, taskKinds[task.kind].isChange);
  const order = readOrder(services, task, options);
  const applianceIds = entries.map(({ id }) => id);
  return start(globals, services, await services.fanOut.prepare({ task, applianceIds, order }), confirmed);
}

/** Runs a command that only reads. */
export function startReading(globals: Globals, request: StartRequest): Promise<number> {
  const reason = request.options.reason === undefined ? '' : readReason(request.options.reason);
  return withConsole(globals, (services) =>
    prepareAndStart(globals, services, request, { reason, yes: true }),
  );
}

/** Changes a tenant on many appliances: shows the plan, asks, and runs it. */
export function startTenantRun(
  globals: Globals,
  request: {
    kind: string;
    clientId: string;
    quota: number | undefined;
    names: readonly string[];
    options: StartOptions & ConfirmOptions;
  },
): Promise<number> {
  const { kind, clientId, quota, names, options } = request;
  const reason = readReason(options.reason);
  const parsed = runTaskSchema.safeParse({
    kind: 'tenant',
    action: { kind, clientId, ...(quota === undefined ? {} : { quota }) },
  });
  if (!parsed.success)
    throw new AppError(
      'INVALID_INPUT',
      kind === 'suspend'
        ? 'Suspending takes a CLIENT_ID and no --quota.'
        : `${kind} needs a CLIENT_ID and --quota.`,
    );
  return withConsole(globals, (services) =>
    prepareAndStart(globals, services, { task: parsed.data, names, options }, { reason, yes: options.yes }),
  );
}

/** Sets keys in the configuration of many appliances: shows the plan, asks, and runs it. */
export async function startConfigurationRun(
  globals: Globals,
  request: { file: string; names: readonly string[]; options: StartOptions & ConfirmOptions },
): Promise<number> {
  const { file, names, options } = request;
  const reason = readReason(options.reason);
  const keys = file === '-' ? await readInputText(maxKeysText) : readTableFile(file, maxKeysText);
  const task = { kind: 'configuration', keys } as const;
  return withConsole(globals, (services) =>
    prepareAndStart(globals, services, { task, names, options }, { reason, yes: options.yes }),
  );
}

/** Plans and runs what is left of a run. */
export function resumeRun(globals: Globals, name: string, options: ConfirmOptions): Promise<number> {
  const number = readRun(name);
  return withConsole(globals, async (services) => {
    const { isChange } = taskKinds[services.fanOut.taskOf({ number }).kind];
    const reason = isChange || options.reason !== undefined ? readReason(options.reason) : '';
    return start(globals, services, await services.fanOut.prepareRest(number), { reason, yes: options.yes });
  });
}

/** Undoes the change on each appliance that has it. */
export function rollBackRun(globals: Globals, name: string, options: ConfirmOptions): Promise<number> {
  const number = readRun(name);
  const reason = readReason(options.reason);
  return withConsole(globals, async (services) => {
    const undone = services.fanOut.view(number).results.filter(({ canRollBack }) => canRollBack);
    if (!globals.output.json)
      globals.output.printError(
        `Rolls back ${formatRun(number)} on ${undone.map((one) => one.name).join(', ')}.`,
      );
    await assertConfirmed(options.yes);
    services.fanOut.rollBack({ number, reason });
    await follow(globals, services, number);
    const left = services.fanOut.view(number).results.some(({ canRollBack }) => canRollBack);
    return left ? exitCodes.failed : exitCodes.done;
  });
}
