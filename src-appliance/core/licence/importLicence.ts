import { AppError } from '../../../src-shared/errors.ts';
import { shorten } from '../../../src-shared/base/machineText.ts';
import {
  checkResultSchema,
  licenceChecks,
  type CheckResult,
} from '../../../src-shared/model/licence/licenceChecks.ts';
import type { ImportOutput } from '../../../src-shared/model/licence/licenceCommands.ts';
import { verifyLicence, type LicenceVerification } from '../../../src-shared/model/licence/verifyLicence.ts';
import type { Appliance } from '../appliance.ts';
import { planClockReset, readClock, type ClockReading } from './clock.ts';
import { forecastLicence } from './forecast.ts';
import { planRevision } from './licenceConfiguration.ts';
import { installLicence } from './installLicence.ts';
import { licencePath, showLicence } from './licence.ts';
import { readLicenceContext } from './licenceContext.ts';
import { readLicenceRecord, withLicenceLock, type LicenceRecord } from './licenceRecord.ts';
import { openChosen, type ChosenRequest } from './requestLicence.ts';

const maxDetail = checkResultSchema.shape.detail.maxLength ?? 512;

/** The checks that show that the authority has just answered this appliance, whatever its clock shows. */
const answerChecks: ReadonlySet<CheckResult['check']> = new Set(['appliance', 'request', 'sequence']);

/** The correction of a high-water mark that was set by a wrong clock. Null unless the answer proves it. */
function findClockReset(
  clock: ClockReading,
  { signed, checks }: LicenceVerification,
  { openRequest }: LicenceRecord,
) {
  const isAnswer = checks.every(({ check, outcome }) => outcome === 'passed' || !answerChecks.has(check));
  if (signed === null || openRequest === null || !isAnswer) return null;
  const { issuedAt } = signed;
  return planClockReset(clock, { issuedAt, requestedAt: openRequest.running ?? null });
}

async function examine(
  appliance: Appliance,
  document: { text: string; record: LicenceRecord; hasLock: boolean },
) {
  const { text, record, hasLock } = document;
  const { stateFolder } = appliance.config;
  const clock = await readClock(stateFolder, appliance.now());
  const context = await readLicenceContext(appliance, record, clock);
  const verified = await verifyLicence(text, context);
  const reset = findClockReset(clock, verified, record);
  const { checks, accepted, signed } =
    reset === null ? verified : await verifyLicence(text, { ...context, now: reset.reading.trusted });
  const { configuration, problem } = await planRevision(appliance, { licence: accepted, record });
  const written = [licencePath(stateFolder), ...(configuration?.files ?? []).map(({ path }) => path)];
  const forecast =
    signed === null
      ? []
      : await forecastLicence(appliance, {
          licence: signed,
          clock: { ...clock, isReset: reset !== null, request: record.openRequest },
          written,
          hasLock,
        });
  const isAcceptable = problem === null && forecast.every(({ outcome }) => outcome !== 'refused');
  return {
    checks: checks.map((result): CheckResult =>
      result.check === 'configuration' && problem !== null
        ? { ...result, outcome: 'failed', detail: shorten(problem, maxDetail) }
        : result,
    ),
    forecast,
    licence: isAcceptable ? accepted : null,
    configuration,
    clockFile: reset?.fileIn(stateFolder) ?? null,
  };
}

async function preview(appliance: Appliance, document: Parameters<typeof examine>[1]): Promise<ImportOutput> {
  const { checks, forecast, licence } = await examine(appliance, document);
  return {
    contract: 1,
    outcome: licence === null ? 'refused' : 'acceptable',
    checks,
    forecast,
    current: await showLicence(appliance),
    receipt: null,
  };
}

/** The record for the checks of an answer: `chosen` counts as the open request. */
const recordFor = (record: LicenceRecord, chosen: ChosenRequest | undefined): LicenceRecord =>
  chosen === undefined ? record : openChosen(record, chosen);

/**
 * Checks a licence document without changing anything. If another command holds the lock, the forecast says so. Never
 * throws for a document of any content. `chosen`: the request that it answers; the open one by default.
 */
export async function previewLicence(
  appliance: Appliance,
  text: string,
  chosen?: ChosenRequest,
): Promise<ImportOutput> {
  const previewWith = (record: LicenceRecord, hasLock: boolean) =>
    preview(appliance, { text, record: recordFor(record, chosen), hasLock });
  try {
    return await withLicenceLock(appliance, (record) => previewWith(record, true));
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'BUSY') throw error;
    return previewWith(await readLicenceRecord(appliance.config.stateFolder), false);
  }
}

/**
 * Checks a licence document and installs it if every check passes and the forecast refuses nothing. It answers `chosen`, by
 * default the open request, which is then used up. `checkFirst` runs while holding the lock. Throws COMMAND_FAILED if the
 * files can't be written; nothing is changed then.
 */
export function importLicence(
  appliance: Appliance,
  text: string,
  { chosen, checkFirst }: { chosen?: ChosenRequest | undefined; checkFirst?: () => Promise<void> } = {},
): Promise<ImportOutput> {
  return withLicenceLock(appliance, async (saved) => {
    await checkFirst?.();
    const record = recordFor(saved, chosen);
    const { checks, forecast, licence, configuration, clockFile } = await examine(appliance, {
      text,
      record,
      hasLock: true,
    });
    if (licence === null) return preview(appliance, { text, record, hasLock: true });
    const receipt = await installLicence(appliance, {
      record: { ...record, openRequest: null },
      document: text.trim(),
      licence,
      outcome: 'applied',
      requestId: record.openRequest?.id ?? null,
      configuration,
      clockFile,
    });
    return {
      contract: 1,
      outcome: 'applied',
      checks,
      forecast,
      current: await showLicence(appliance),
      receipt,
    };
  });
}

/** Why the document was refused, naming each failed check. */
export function describeRefusal({ checks, forecast }: ImportOutput): string {
  const failed = checks
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ check, detail }) => `${check} (${licenceChecks[check].label}): ${detail}`);
  const refused = forecast
    .filter(({ outcome }) => outcome === 'refused')
    .map(({ item, detail }) => `${item}: ${detail}`);
  return `nothing was changed; ${[...failed, ...refused].join('; ')}`;
}
