import { errorCodes } from '../../src-shared/errorCodes.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { TenantChange } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { Driver } from '../driver/driver.ts';
import type { TenantCommand } from '../driver/tenantCommands.ts';

/** Whether the error means that the appliance or the session refused, so that nothing was changed. */
export function isRefusal(error: AppError): boolean {
  return errorCodes[error.code].changedNothing === true;
}

/**
 * Marks every AppError of `work` with `changedNothing`, to distinguish it from the loss of an answer. So
 * `work` may reject with an AppError only before its first command, or if the appliance refused that command.
 */
export async function rejectUnchanged<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof AppError) || isRefusal(thrown)) throw thrown;
    const { code, message, detail } = thrown;
    throw new AppError(code, message, { detail: { ...detail, changedNothing: true }, cause: thrown });
  }
}

/** The result of the commands of a change. */
export type CommandResult = {
  /** The output of the first command. Null if it did not arrive. */
  change: TenantChange | null;
  /** Why a command failed or could not be started. Null if all succeeded. */
  failure: AppError | null;
  completed: number;
  /** The command that was sent and failed. */
  failed: TenantCommand | null;
};

/**
 * The result if the link was lost before the first command. Nothing was changed, but a temporary file may
 * remain.
 */
export function notStartedResult(failure: AppError): CommandResult {
  return { change: null, failure, completed: 0, failed: null };
}

/** Runs the commands in order, each once. Stops after a failed command. Never rejects. */
export async function runCommands(
  driver: Pick<Driver, 'changeTenant'>,
  commands: readonly TenantCommand[],
): Promise<CommandResult> {
  let first: TenantChange | null = null;
  for (const [index, command] of commands.entries()) {
    try {
      const change = await driver.changeTenant(command);
      first ??= change;
    } catch (thrown) {
      const failure =
        thrown instanceof AppError
          ? thrown
          : new AppError('INTERNAL', 'Running the command failed inside Sallyport.', { cause: thrown });
      return { change: first, failure, completed: index, failed: command };
    }
  }
  return { change: first, failure: null, completed: commands.length, failed: null };
}
