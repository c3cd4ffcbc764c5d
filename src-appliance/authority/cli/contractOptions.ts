import { Option, type Command } from 'commander';
import { AppError } from '../../../src-shared/errors.ts';
import {
  configurationRevisionSchema,
  type ConfigurationRevision,
} from '../../../src-shared/model/licence/licence.ts';
import { internalLicenceVersion } from '../../../src-shared/model/licence/internalLicence.ts';
import { isNewerVersion } from '../../../src-shared/model/licence/isNewerVersion.ts';
import { isSecretValue } from '../../../src-shared/model/configuration/configurationKeys.ts';
import { collectValues, wholeNumber } from '../../../src-shared/node/commandOptions.ts';
import { contractSchema, type Contract } from '../store/contract.ts';
import { readPlans } from './planFile.ts';
import { InvalidArgumentError } from 'commander';
import { dayMs } from '../../../src-shared/base/time.ts';

export type ContractOptions = {
  accounts?: number | null;
  connector?: string[];
  plan?: string;
  /** A file, or false to remove the plans. */
  plans?: string | false;
  internalDevelopment?: boolean;
  termDays?: number;
  until?: string;
  graceDays?: number;
  minVersion?: string;
  internalLicence?: boolean;
};

function parseAccounts(text: string): number | null {
  return text === 'unlimited' ? null : wholeNumber(0, 1_000_000_000)(text);
}

/** An instant in UTC, or a day, whose end counts. */
function parseUntil(text: string): string {
  const isDay = /^\d{4}-\d\d-\d\d$/u.test(text);
  const ms = Date.parse(isDay ? `${text}T00:00:00.000Z` : text);
  const isInstant = isDay || /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z$/u.test(text);
  // Date.parse accepts 30 February and returns a day in March.
  if (!isInstant || Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text.slice(0, 10))
    throw new InvalidArgumentError('Enter a day like 2027-12-31 or an instant like 2027-12-31T12:00:00Z.');
  return new Date(isDay ? ms + dayMs : ms).toISOString();
}

export function addContractOptions(command: Command): Command {
  return command
    .option('--accounts <n|unlimited>', 'number of accounts', parseAccounts)
    .option('--connector <name>', 'licensed connector; repeat the option for several', collectValues)
    .option('--plan <id>', 'price plan that applies')
    .option('--plans <file>', 'price plans of the licence, as a JSON list')
    .option('--no-plans', 'licences without price plans')
    .option('--internal-development', 'allow internal development')
    .option('--no-internal-development', 'do not allow internal development')
    .addOption(
      new Option('--term-days <n>', 'licences expire so many days after they are issued')
        .argParser(wholeNumber(1, 3660))
        .conflicts('until'),
    )
    .option('--until <day>', 'licences expire at the end of this day (UTC), or at this instant', parseUntil)
    .option('--grace-days <n>', 'days of grace after the expiry', wholeNumber(0, 365))
    .option('--min-version <version>', 'least version of the appliance')
    .option('--internal-licence', 'the whole licence is for internal development: all names in plain text')
    .option('--no-internal-licence', 'not the whole licence is for internal development');
}

/** `before` with the fields that the user entered. Throws INVALID_INPUT or BILLING_PLAN_INVALID. */
export function changeContract(before: Contract, options: ContractOptions): Contract {
  const { accounts, connector, plan, plans, internalDevelopment, termDays, until, graceDays, minVersion } =
    options;
  const changed = contractSchema.safeParse({
    ...before,
    ...(plans === undefined ? {} : { plans: plans === false ? undefined : readPlans(plans) }),
    ...(graceDays === undefined ? {} : { graceDays }),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(termDays === undefined ? {} : { term: { days: termDays } }),
    ...(until === undefined ? {} : { term: { until } }),
    entitlements: {
      ...before.entitlements,
      ...(accounts === undefined ? {} : { accounts }),
      ...(connector === undefined ? {} : { connectors: [...new Set(connector)] }),
      ...(plan === undefined ? {} : { plan }),
      ...(internalDevelopment === undefined ? {} : { internalDevelopment }),
    },
  });
  if (changed.success) return changeInternalLicence(changed.data, options);
  const field = changed.error.issues[0]?.path.join('.') ?? '';
  throw new AppError('INVALID_INPUT', `The value of ${field} is not valid.`);
}

/** Makes the whole licence one for internal development, or not. Throws INVALID_INPUT for a contract that contradicts it. */
function changeInternalLicence(contract: Contract, options: ContractOptions): Contract {
  const { internalDevelopment, internalLicence, minVersion } = options;
  const { isInternalLicence, ...entitlements } = contract.entitlements;
  if (!(internalLicence ?? isInternalLicence ?? false)) return { ...contract, entitlements };
  if (internalDevelopment === false)
    throw new AppError(
      'INVALID_INPUT',
      'An internal licence allows internal development. Add --no-internal-licence.',
    );
  const isTooOld = isNewerVersion(internalLicenceVersion, contract.minVersion);
  if (isTooOld && minVersion !== undefined)
    throw new AppError(
      'INVALID_INPUT',
      `Appliances before version ${internalLicenceVersion} refuse an internal licence. Enter that version or a later one.`,
    );
  return {
    ...contract,
    entitlements: { ...entitlements, internalDevelopment: true, isInternalLicence: true },
    minVersion: isTooOld ? internalLicenceVersion : contract.minVersion,
  };
}

/** Whether a setting holds a secret, which the authority must not know. The number checks only the path's names. */
function isSecret(path: string, value: unknown): boolean {
  return isSecretValue(path.split('.'), 0) || isSecretValue(['hostname'], value);
}

function parseValue(text: string): ConfigurationRevision['set'][string] {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/u.test(text) && String(Number(text)) === text ? Number(text) : text;
}

/** Parses `path=value` and paths to remove. Null without any. Throws INVALID_INPUT. */
export function parseSettings(options: {
  set?: readonly string[];
  unset?: readonly string[];
}): ConfigurationRevision['set'] | null {
  const set = (options.set ?? []).map((text): [string, ConfigurationRevision['set'][string]] => {
    const at = text.indexOf('=');
    if (at < 1) throw new AppError('INVALID_INPUT', 'Enter a setting as PATH=VALUE, e.g. db.port=5432.');
    return [text.slice(0, at), parseValue(text.slice(at + 1))];
  });
  const unset = (options.unset ?? []).map((path): [string, null] => [path, null]);
  if (set.length + unset.length === 0) return null;
  const settings = configurationRevisionSchema.shape.set.safeParse(Object.fromEntries([...set, ...unset]));
  if (!settings.success)
    throw new AppError(
      'INVALID_INPUT',
      'A path has up to eight names of letters, digits, - and _, joined by dots.',
    );
  const secret = set.find(([path, value]) => isSecret(path, value))?.[0];
  if (secret !== undefined)
    throw new AppError(
      'INVALID_INPUT',
      `${secret} is or contains a secret. Secrets stay on the appliance; change them there with ke_update_configuration.`,
    );
  return settings.data;
}
