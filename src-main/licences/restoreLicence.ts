import { AppError, toErrorData } from '../../src-shared/errors.ts';
import { errorCodes, type ErrorCode } from '../../src-shared/errorCodes.ts';
import type { ReceiptOutput } from '../../src-shared/model/licence/licenceCommands.ts';
import type { LicenceDriver } from '../driver/licenceCommands.ts';
import type { Driver } from '../driver/driver.ts';

/** What is needed to install an earlier licence again. */
export type RestoredAppliance = {
  driver: Pick<Driver, 'licence'> & { licences: Pick<LicenceDriver, 'rollBack'> };
  /** Runs `rollBack` with its own audit record. */
  recordRollback: (sequence: number, rollBack: () => Promise<ReceiptOutput>) => Promise<ReceiptOutput>;
};

/** What became of a licence whose read-back differed. */
export type Restored = {
  outcome: 'rolled-back' | 'different' | 'unknown';
  code: ErrorCode;
  message: string;
};

/** Whether the appliance refused a command before it changed anything. */
export const isRefusal = ({ code }: AppError): boolean =>
  errorCodes[code].changedNothing === true || code === 'COMMAND_MISSING';

/**
 * Installs the version before this one again, because the appliance shows another licence than the applied one. For every
 * way in which a licence is applied. Never rejects because of the appliance.
 */
export async function restoreLicence(
  appliance: RestoredAppliance,
  { differences, previous }: { differences: readonly string[]; previous: number | null },
): Promise<Restored> {
  const code = 'VERIFICATION_FAILED';
  const reason = `The licence that the appliance shows differs from the applied one (${differences.join(', ')}).`;
  if (previous === null)
    return {
      outcome: 'different',
      code,
      message: `${reason} No earlier licence is kept, so it was not rolled back.`,
    };
  try {
    const { rollBack } = appliance.driver.licences;
    await appliance.recordRollback(previous, () => rollBack(previous));
    const shown = await appliance.driver.licence();
    return shown.sequence === previous
      ? { outcome: 'rolled-back', code, message: `${reason} Sequence ${previous} was installed again.` }
      : {
          outcome: 'different',
          code,
          message: `${reason} After the rollback to sequence ${previous}, the appliance shows sequence ${shown.sequence ?? 'none'}.`,
        };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    if (isRefusal(thrown))
      return {
        outcome: 'different',
        code,
        message: `${reason} It could not be rolled back: ${thrown.message}`,
      };
    const data = toErrorData(thrown);
    return {
      outcome: 'unknown',
      code: data.code,
      message: `${reason} It is not known whether it was rolled back: ${data.message}`,
    };
  }
}
