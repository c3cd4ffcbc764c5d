import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { AppError, exitCodeOf } from '../../../../src-shared/errors.ts';
import { formatInstant } from '../../../../src-shared/base/time.ts';
import {
  targetKinds,
  type TargetKind,
  type TargetState,
} from '../../../../src-shared/model/notifications/targets.ts';
import { formatTable, formatValue } from '../output.ts';
import { withConsole, type Globals } from '../withConsole.ts';

export type AddedTarget = {
  name: string;
  kind: TargetKind;
  address: string;
  addressFile?: string;
  secretFile?: string;
  tokenFile?: string;
  caFile?: string;
  certificate?: string;
  key?: string;
};

/** Printed instead of an empty list. */
export const noTargetsText =
  'No targets yet. Add one: sallyport watch add NAME webhook https://HOST/PATH (or desktop, or syslog ADDRESS)';

/** Adds a target, and says what its protocol can't confirm. */
export function addTarget(globals: Globals, request: AddedTarget): Promise<number> {
  return withConsole(globals, async ({ notificationTargets }) => {
    const { name, kind, address } = request;
    const target = await notificationTargets.add({
      name,
      kind,
      address,
      addressFile: request.addressFile ?? null,
      secretFile: request.secretFile ?? null,
      tokenFile: request.tokenFile ?? null,
      caFile: request.caFile ?? null,
      certificateFile: request.certificate ?? null,
      keyFile: request.key ?? null,
    });
    const { label, guarantee } = targetKinds[kind];
    globals.output.print({ ...target, guarantee }, () =>
      [
        `${name}: ${label}. ${guarantee}`,
        `Try it: sallyport watch test ${name}. Notifications are sent while sallyport watch runs.`,
      ].join('\n'),
    );
    return exitCodes.done;
  });
}

const whereOf = ({ target }: TargetState) =>
  target.addressFile === null ? target.address : `from ${target.addressFile}`;

/** Lists targets with what was sent to them, and says whether anything is sent now. */
export function listTargets(globals: Globals): Promise<number> {
  return withConsole(globals, ({ notificationTargets }) => {
    const targets = notificationTargets.list();
    const isRunning = notificationTargets.isRunning();
    globals.output.print({ items: targets, isRunning }, () =>
      [
        targets.length === 0
          ? noTargetsText
          : formatTable(
              ['NAME', 'KIND', 'ADDRESS', 'SENT', 'WAITING', 'LOST', 'LAST SENT', 'PROBLEM'],
              targets.map((state) => [
                state.target.name,
                state.target.kind,
                whereOf(state),
                state.sent,
                state.waiting,
                state.lost,
                state.lastSentAt === null ? null : formatInstant(state.lastSentAt),
                state.problem?.message ?? null,
              ]),
            ),
        isRunning
          ? 'sallyport watch runs and sends notifications.'
          : 'Nothing is sent now. Run sallyport watch, or install it: sallyport watch install-unit',
      ].join('\n'),
    );
    return exitCodes.done;
  });
}

export function removeTarget(globals: Globals, name: string): Promise<number> {
  return withConsole(globals, async ({ notificationTargets }) => {
    await notificationTargets.remove(name);
    globals.output.print({ removed: name }, () => `${formatValue(name)} was removed.`);
    return exitCodes.done;
  });
}

/** Sends a test notification to targets. The exit code is that of the worst problem. */
export function testTargets(globals: Globals, names: readonly string[]): Promise<number> {
  return withConsole(globals, async ({ notificationTargets }) => {
    const results = await notificationTargets.test(names);
    if (results.length === 0) throw new AppError('INVALID_INPUT', noTargetsText);
    globals.output.print({ items: results }, () =>
      results
        .map(({ name, problem }) =>
          problem === null
            ? `${name}: took the test notification`
            : `${name}: ${formatValue(problem.message)} (${problem.code})`,
        )
        .join('\n'),
    );
    return Math.max(
      exitCodes.done,
      ...results.map(({ problem }) => (problem === null ? exitCodes.done : exitCodeOf(problem.code))),
    );
  });
}
