import { AppError, toErrorData, type ErrorData } from '../../../src-shared/errors.ts';
import { compareShownLicences } from '../../../src-shared/model/licence/compareLicences.ts';
import type { WindowFinished, WindowResult } from '../../../src-shared/model/licence/connectedWindow.ts';
import type { ConfigurationOutput } from '../../../src-shared/model/configuration/configurationCommands.ts';
import type { LicenceShowOutput } from '../../../src-shared/model/licence/licence.ts';
import { findLosses, type SeenTunnel } from '../tripView.ts';
import type { Restored } from '../restoreLicence.ts';
import type { ExpectedLicence } from '../readBack.ts';
import type { EarlyEnd, LentPort } from './lendPort.ts';

/** What is known after a window: the licence before and after, and what the command printed or why it failed. */
export type WindowFacts = {
  isDryRun: boolean;
  before: LicenceShowOutput;
  /** Null if it could not be read. */
  after: LicenceShowOutput | null;
  output: ConfigurationOutput | null;
  failure: AppError | null;
  /** What became of an installed licence that was read back as another one. Null if it was not. */
  restored: Restored | null;
};

const earlyEnds: Record<EarlyEnd, (seconds: number) => AppError> = {
  cancelled: () => new AppError('CANCELLED', 'The window was closed on request.'),
  time: (seconds) =>
    new AppError('WINDOW_LIMIT', `The window was closed after ${seconds} s, its time limit.`),
  bytes: () => new AppError('WINDOW_LIMIT', 'The window was closed because it carried too many bytes.'),
  policy: () =>
    new AppError(
      'POLICY_FORBIDS',
      'The window was closed because the policy of this computer forbids it now.',
    ),
  'link-lost': () => new AppError('LINK_LOST', 'The link to the appliance was lost, and the window with it.'),
};

/** Why a command failed: the console knows better than the appliance why the port that it lent led nowhere. */
export function explainFailure(
  thrown: AppError,
  lent: Pick<LentPort, 'closedEarly' | 'problem'>,
  seconds: number,
): AppError {
  const early = lent.closedEarly();
  if (early !== null) return earlyEnds[early](seconds);
  return lent.problem() ?? thrown;
}

/** The refusal of the appliance as an error. */
export function refusalOf({ problems }: ConfigurationOutput): AppError {
  const reasons = problems.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');
  return new AppError(
    'VERIFICATION_FAILED',
    `The appliance refused the licence and changed nothing: ${reasons}`.slice(0, 2048),
  );
}

/** Someone may have installed an earlier version since then, which is no renewal. */
const isNewer = (after: LicenceShowOutput, before: LicenceShowOutput) =>
  after.sequence !== null && after.sequence > (before.sequence ?? 0);

/** The licence that the appliance must show after the command. Null if the command does not say that it installed one. */
export function findExpected(output: ConfigurationOutput | null): ExpectedLicence | null {
  if (output?.outcome !== 'applied' || output.licence === null) return null;
  return output.exchange?.offered ?? output.licence.current;
}

function findResult({ isDryRun, before, after, output, restored }: WindowFacts): WindowResult {
  if (restored !== null) return restored.outcome;
  if (after === null) return 'unknown';
  if (output?.outcome === 'refused') return 'refused';
  if (isDryRun) return output === null ? 'failed' : 'acceptable';
  // The appliance has stopped at a loss that was not acknowledged.
  if (output?.outcome === 'acceptable') return 'acceptable';
  return findExpected(output) !== null || isNewer(after, before) ? 'renewed' : 'failed';
}

const unknownText = 'It is not known which licence is installed, because the appliance could not be asked.';

function describeFailure(result: WindowResult, { failure, restored }: WindowFacts): ErrorData | null {
  const added = restored?.message ?? (result === 'unknown' ? unknownText : null);
  if (failure === null)
    return added === null ? null : toErrorData(new AppError(restored?.code ?? 'VERIFICATION_FAILED', added));
  const data = toErrorData(failure);
  return added === null ? data : { ...data, message: `${data.message} ${added}` };
}

/** The licence to compare with the one before: the offered one, the installed one, or none. */
function findCompared(result: WindowResult, { after, output }: WindowFacts): LicenceShowOutput | null {
  if (result === 'acceptable' || result === 'refused') return output?.exchange?.offered ?? null;
  return result === 'renewed' || result === 'different' || result === 'rolled-back' ? after : null;
}

/** Describes what became of the licence. Pure. */
export function buildFinished(facts: WindowFacts & { tunnels: readonly SeenTunnel[] }): WindowFinished {
  const { before, after, output, tunnels } = facts;
  const result = findResult(facts);
  const compared = findCompared(result, facts);
  const changes = compared === null ? [] : compareShownLicences(before, compared);
  return {
    result,
    failure: describeFailure(result, facts),
    output,
    installed: after,
    changes,
    losses: findLosses({ changes, accountsInUse: null, tunnels }),
  };
}
