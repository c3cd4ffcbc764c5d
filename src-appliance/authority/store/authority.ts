import { AppError } from '../../../src-shared/errors.ts';
import { createAnswerStore, type AnswerStore } from './answers.ts';
import { createApplianceStore, type ApplianceStore } from './appliances.ts';
import { hasDatabase, openDatabase } from './database.ts';
import { createKeyStore, type KeyStore } from './keys.ts';
import { createLicenceStore, type LicenceStore } from './licences.ts';
import { createLog, type AuthorityLog } from './log.ts';
import { createReportStore, type ReportStore } from './reports.ts';
import type { UsageLimits } from './usageRows.ts';
import { createUsageStore, type UsageStore } from './usageStore.ts';

/** A licence authority: its keys, appliances, answers, reports and log, all in one folder. */
export type Authority = {
  keys: KeyStore;
  appliances: ApplianceStore;
  licences: LicenceStore;
  answers: AnswerStore;
  reports: ReportStore;
  usage: UsageStore;
  log: AuthorityLog;
  close: () => void;
};

type Options = {
  folder: string;
  /** Epoch ms. */
  now?: () => number;
  /** What is kept of the usage of one appliance at most. */
  usageLimits?: UsageLimits;
};

/** Opens the authority in `folder`. Throws NOT_FOUND if the folder has no authority. */
export function openAuthority(options: Options): Authority {
  if (!hasDatabase(options.folder))
    throw new AppError(
      'NOT_FOUND',
      `There is no licence authority in ${options.folder}. Create one with "sallyport-authority init".`,
    );
  return assemble(options);
}

/** Creates an authority with its first key. Throws ALREADY_EXISTS. */
export function createAuthority(options: Options): Authority {
  if (hasDatabase(options.folder))
    throw new AppError('ALREADY_EXISTS', `There is already a licence authority in ${options.folder}.`);
  const authority = assemble(options);
  authority.keys.rotate();
  return authority;
}

function assemble({ folder, now = Date.now, usageLimits }: Options): Authority {
  const database = openDatabase(folder);
  const log = createLog(database, now);
  const keys = createKeyStore({ folder, database, log, now });
  const appliances = createApplianceStore(database, log, now);
  const licences = createLicenceStore({ database, appliances, keys, log, now });
  return {
    keys,
    appliances,
    licences,
    answers: createAnswerStore({ database, appliances, licences, now }),
    reports: createReportStore({ database, appliances, log, now }),
    usage: createUsageStore({ database, appliances, keys, log, now, limits: usageLimits }),
    log,
    close: database.close,
  };
}
