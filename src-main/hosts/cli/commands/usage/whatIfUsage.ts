import { AppError } from '../../../../../src-shared/errors.ts';
import type { AccountChangeCard } from '../../../../../src-shared/contract/usageChanges.ts';
import { exitCodes } from '../../../../../src-shared/exitCodes.ts';
import type { ApplianceEntry } from '../../../../../src-shared/model/appliance/applianceEntry.ts';
import { readAccountHashes } from '../../../../../src-shared/model/usage/accountHash.ts';
import { maxPlanBytes, maxPlannedAccounts } from '../../../../../src-shared/model/usage/accountPlan.ts';
import { maxAccountPage } from '../../../../../src-shared/model/usage/manageAccounts.ts';
import type { Services } from '../../../../services.ts';
import { assertConfirmed } from '../../confirm.ts';
import { readInputText, readTextFile } from '../../files.ts';
import { untilStopped } from '../../stopSignal.ts';
import { findAppliance, withConsole, type Globals } from '../../withConsole.ts';
import { readReason } from '../tenantChanges.ts';
import { formatChangeCard, formatWhatIf } from './whatIfText.ts';

type ApplyOptions = { reason?: string; yes: boolean };
export type WhatIfOptions = ApplyOptions & {
  mark?: string;
  markApplication?: string;
  names?: boolean;
  deactivateIdle?: number;
  plan?: string;
  apply: boolean;
};
export type UnmarkOptions = ApplyOptions & { accounts?: string; application?: string };

/** Reads accounts from a file or stdin: in the arguments, other users could see them. Throws INVALID_INPUT. */
async function readAccounts(path: string): Promise<{ hashes: string[] }> {
  const text = path === '-' ? await readInputText(maxPlanBytes) : readTextFile(path, maxPlanBytes);
  const { hashes, wrongLine } = readAccountHashes(text);
  if (wrongLine !== null)
    throw new AppError('INVALID_INPUT', `Line ${wrongLine} is neither an account ID nor the MD5 of one.`);
  if (hashes.size === 0 || hashes.size > maxPlannedAccounts)
    throw new AppError('INVALID_INPUT', `Name 1 to ${maxPlannedAccounts} accounts, one a line.`);
  return { hashes: [...hashes] };
}

/** Finds an application by its number or its name. Throws NOT_FOUND. */
async function findApplication(services: Services, { id }: ApplianceEntry, word: string) {
  const { applications } = await services.accountChanges.applications(id);
  const named = applications.filter(({ number, name }) => `${number}` === word || name === word);
  const [only] = named;
  if (only === undefined) throw new AppError('NOT_FOUND', `There is no application ${JSON.stringify(word)}.`);
  if (named.length > 1)
    throw new AppError(
      'INVALID_INPUT',
      `Several applications are called ${JSON.stringify(word)}: ${named.map(({ number }) => number).join(', ')}. Use a number.`,
    );
  return { application: only.number };
}

type Choice = { accounts?: string | undefined; application?: string | undefined };

async function chooseAccounts(services: Services, entry: ApplianceEntry, { accounts, application }: Choice) {
  if (accounts !== undefined) return readAccounts(accounts);
  return application === undefined ? null : findApplication(services, entry, application);
}

/** Applies a card once it is confirmed, and says what undoes it. */
async function applyCard(
  globals: Globals,
  services: Services,
  request: { entry: ApplianceEntry; change: AccountChangeCard; options: ApplyOptions },
): Promise<number> {
  const { entry, change, options } = request;
  const reason = readReason(options.reason);
  const { output } = globals;
  if (!output.json) output.printError(formatChangeCard(change));
  await assertConfirmed(options.yes);
  const { steps, digest, undo } = change;
  const applied = await services.accountChanges.apply({ applianceId: entry.id, steps, digest, reason });
  output.print(
    { name: entry.name, ...applied, undo },
    () => `${entry.name}: ${applied.message} ${undo.text}`,
  );
  return applied.state === 'done' ? exitCodes.done : exitCodes.cannotConnect;
}

/** The names of an application's accounts, for the terminal only. */
async function listNames(services: Services, entry: ApplianceEntry, application: number) {
  const page = { application, idleDays: null, hasNames: true, skip: 0, limit: maxAccountPage };
  const { accounts, total } = await services.accountChanges.accounts({ applianceId: entry.id, ...page });
  const names = accounts.map(({ names: found }) => found?.userName ?? found?.account ?? '');
  return { total, names };
}

/** Prints what changes would save and reveal. With `--apply`, makes those of accounts once they are confirmed. */
export function whatIfUsage(globals: Globals, name: string, options: WhatIfOptions): Promise<number> {
  return withConsole(globals, async (services) => {
    const entry = findAppliance(services, name);
    const { mark: accounts, markApplication: application, deactivateIdle: idleDays = null } = options;
    const marks = await chooseAccounts(services, entry, { accounts, application });
    const request = { applianceId: entry.id, marks, idleDays, planId: options.plan ?? null };
    const whatIf = await untilStopped(() => services.accountChanges.whatIf(request));
    const listed =
      options.names === true && marks !== null && 'application' in marks
        ? await listNames(services, entry, marks.application)
        : null;
    if (!options.apply) {
      globals.output.print({ ...whatIf, ...(listed === null ? {} : { listed }) }, () =>
        [formatWhatIf(whatIf), ...(listed === null ? [] : [`Names: ${listed.names.join(', ')}`])].join('\n'),
      );
      return exitCodes.done;
    }
    const { change } = whatIf;
    if (change === null)
      throw new AppError(
        'INVALID_INPUT',
        'No change of accounts is named. The vendor changes a plan, by the next licence.',
      );
    return applyCard(globals, services, { entry, change, options });
  });
}

/** Removes marks as internal development: the undo of an applied what-if. */
export function unmarkUsage(globals: Globals, name: string, options: UnmarkOptions): Promise<number> {
  return withConsole(globals, async (services) => {
    const entry = findAppliance(services, name);
    const accounts = await chooseAccounts(services, entry, options);
    if (accounts === null)
      throw new AppError('INVALID_INPUT', 'Add --accounts FILE or --application APPLICATION.');
    const steps = [{ action: 'unmark' as const, accounts }];
    const { change } = await services.accountChanges.plan({ applianceId: entry.id, steps });
    return applyCard(globals, services, { entry, change, options });
  });
}
