import { AppError } from '../../src-shared/errors.ts';
import type { Appliance } from '../core/appliance.ts';

/**
 * Runs a change and logs it in the syslog with its caller, also if it is refused. Logs nothing if `describe` returns null.
 * Throws what `work` throws.
 */
export async function logAttempt<T>(
  appliance: Appliance,
  attempt: { program: string; what: string; work: () => Promise<T>; describe: (result: T) => string | null },
): Promise<T> {
  const { program, what, work, describe } = attempt;
  let result: T;
  try {
    result = await work();
  } catch (error) {
    const reason = error instanceof AppError ? `${error.code}: ${error.message}` : 'internal error';
    const message = `refused ${what} by ${appliance.caller}: ${reason}`;
    await appliance.log({ program, severity: 'warning', message });
    throw error;
  }
  const message = describe(result);
  if (message !== null) await appliance.log({ program, severity: 'notice', message });
  return result;
}
