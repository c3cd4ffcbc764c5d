import { AppError, toErrorData } from '../../src-shared/errors.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import type { ErrorCode } from '../../src-shared/errorCodes.ts';
import type { LicencePayload } from '../../src-shared/model/licence/licence.ts';
import type { ImportOutput } from '../../src-shared/model/licence/licenceCommands.ts';
import type { LicenceRequest } from '../../src-shared/model/licence/licenceRequest.ts';
import type { Driver } from '../driver/driver.ts';
import { licenceArgv } from '../../src-shared/model/licence/licenceArgv.ts';
import { expectShown, findReadBackDifferences } from './readBack.ts';
import { readReceipt } from './receipt.ts';
import { isRefusal, restoreLicence, type RestoredAppliance } from './restoreLicence.ts';
import { waitUntilEnded, type IsRunning } from './waitUntilEnded.ts';

/** If a lost link is not up again within this time, the result stays unknown until `settle` **[ours]**. */
const maxLinkLossMs = 30 * secondMs;

/** What became of an answer that was sent to the appliance. */
export type ApplyResult =
  | { outcome: 'applied'; receipt: string }
  | { outcome: 'refused'; output: ImportOutput }
  | { outcome: 'not-applied' | 'rolled-back' | 'different' | 'unknown'; code: ErrorCode; message: string };

export type AppliedAppliance = RestoredAppliance & {
  driver: Pick<Driver, 'licence' | 'licences'>;
  /** Resolves when the link is up. Rejects after the time limit, or if the link needs the user. */
  ready: (timeoutMs: number) => Promise<void>;
  isRunning: IsRunning;
};

type Applied = { licence: LicencePayload; request: LicenceRequest };

const askedLater = 'The console asks the appliance when it is connected again.';

function unknownResult(thrown: unknown, next = askedLater): ApplyResult {
  const { code, message } = toErrorData(thrown);
  return {
    outcome: 'unknown',
    code,
    message: `It is not known whether the licence was applied: ${message} ${next}`,
  };
}

/** Reads the applied licence back. Rolls back if it differs, or if the receipt is not one of this appliance. */
async function confirmApplied(
  appliance: AppliedAppliance,
  { licence, request }: Applied,
  receipt: string | null,
): Promise<ApplyResult> {
  const shown = await appliance.driver.licence();
  const read = receipt === null ? null : await readReceipt(receipt, request);
  const isReceiptRight = read?.licenceId === licence.id && read.outcome === 'applied';
  const revision = licence.configuration?.revision ?? request.configurationRevision;
  const isRevisionRight = read === null || read.configurationRevision === revision;
  const differences = [
    ...findReadBackDifferences(shown, expectShown(licence)),
    ...(isReceiptRight ? [] : ['signed receipt']),
    ...(isRevisionRight ? [] : ['configuration revision']),
  ];
  if (differences.length === 0 && receipt !== null) return { outcome: 'applied', receipt };
  const previous = read?.previousSequence ?? request.licence.sequence;
  const restored = await restoreLicence(appliance, { differences, previous });
  return restored.outcome === 'unknown'
    ? { ...restored, message: `${restored.message} ${askedLater}` }
    : restored;
}

/** The receipt of the last change of the licence. Null before the first one. */
async function readLastReceipt({ driver }: AppliedAppliance): Promise<string | null> {
  try {
    return (await driver.licences.receipt()).receipt;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'NOT_FOUND') return null;
    throw thrown;
  }
}

/** Whether an answer that this console did not send is installed. Changes nothing. Rejects like the driver. */
export async function findInstalledAnswer(
  appliance: AppliedAppliance,
  { licence, request }: Applied,
): Promise<Extract<ApplyResult, { outcome: 'applied' }> | null> {
  const last = await readLastReceipt(appliance);
  const read = last === null ? null : await readReceipt(last, request);
  if (last === null || read?.licenceId !== licence.id || read.outcome !== 'applied') return null;
  const differences = findReadBackDifferences(await appliance.driver.licence(), expectShown(licence));
  return differences.length === 0 ? { outcome: 'applied', receipt: last } : null;
}

/**
 * Asks the appliance whether an answer was applied. Never guesses: without an answer, or while the command still runs,
 * the outcome is `unknown`. Never rejects because of the appliance.
 */
export async function settleAnswer(appliance: AppliedAppliance, applied: Applied): Promise<ApplyResult> {
  const { licence, request } = applied;
  try {
    if (!(await waitUntilEnded(appliance.isRunning, licenceArgv.import)))
      return unknownResult(
        new AppError('COMMAND_TIMEOUT', 'The command is still running.'),
        'Ask the appliance again in a minute.',
      );
    const last = await readLastReceipt(appliance);
    const receipt = last === null ? null : await readReceipt(last, request);
    if (last !== null && receipt?.licenceId === licence.id && receipt.outcome === 'applied')
      return await confirmApplied(appliance, applied, last);
    const shown = await appliance.driver.licence();
    // Without its receipt, the licence may be another one: a trip file says what its writer wants. So no rollback.
    if (shown.sequence === licence.sequence)
      return {
        outcome: 'different',
        code: 'VERIFICATION_FAILED',
        message: `The appliance shows sequence ${licence.sequence}, but has no receipt for this licence. Nothing was changed.`,
      };
    if (receipt?.outcome === 'rolled-back' && receipt.previousSequence === licence.sequence)
      return {
        outcome: 'rolled-back',
        code: 'VERIFICATION_FAILED',
        message: `The licence was applied and rolled back. Sequence ${receipt.sequence} is installed.`,
      };
    return {
      outcome: 'not-applied',
      code: 'LINK_LOST',
      message: `The licence was not applied. The appliance shows sequence ${shown.sequence ?? 'none'}.`,
    };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return unknownResult(thrown);
  }
}

/**
 * Sends the answer once, reads the licence back, and rolls back if it differs. Rejects only if the appliance refused the
 * command before it looked at the answer, so that nothing was changed.
 */
export async function applyAnswer(
  appliance: AppliedAppliance,
  applied: Applied & { document: string },
): Promise<ApplyResult> {
  let output: ImportOutput;
  try {
    output = await appliance.driver.licences.import({ document: applied.document, isDryRun: false });
  } catch (thrown) {
    if (!(thrown instanceof AppError) || isRefusal(thrown)) throw thrown;
    try {
      await appliance.ready(maxLinkLossMs);
    } catch {
      return unknownResult(thrown);
    }
    const settled = await settleAnswer(appliance, applied);
    return settled.outcome === 'not-applied'
      ? { ...settled, code: thrown.code, message: `The licence was not applied. ${thrown.message}` }
      : settled;
  }
  if (output.outcome === 'refused') return { outcome: 'refused', output };
  try {
    return await confirmApplied(appliance, applied, output.receipt);
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return unknownResult(thrown);
  }
}
