import { AppError } from '../../src-shared/errors.ts';
import { readAccountHashes } from '../../src-shared/model/usage/accountHash.ts';
import { connectorNameSchema } from '../../src-shared/model/usage/usageReport.ts';
import {
  accountActions,
  accountHashSchema,
  maxAccountPage,
  maxIdleDays,
  maxNamedAccounts,
  type AccountAction,
  type AccountFilter,
  type AccountList,
} from '../../src-shared/model/usage/manageAccounts.ts';
import {
  accountStepsSchema,
  describeSteps,
  maxPlanBytes,
  planDigestSchema,
} from '../../src-shared/model/usage/accountPlan.ts';
import { maxUsageCount } from '../../src-shared/model/usage/usageSummary.ts';
import type { AccountSelection } from '../core/accounts/changeAccounts.ts';
import { initAccounts, updateAccountTables } from '../core/accounts/initAccounts.ts';
import { readInput } from '../core/readInput.ts';
import { readArguments, readWholeNumber, usage, type Arguments } from './arguments.ts';
import type { KeCommand } from './command.ts';
import { logAttempt } from './logAttempt.ts';

const program = 'ke_manage_accounts';
const defaultPage = 100;
const hashBytes = 34;

function readNumber(values: Arguments['values'], name: string, most: number, least = 1): number | null {
  const word = values.get(name);
  return word === undefined ? null : readWholeNumber(word, { what: `--${name}`, least, most });
}

const init: KeCommand = async ({ words, appliance, print }) => {
  const { words: rest, flags } = readArguments(words, { flags: ['if-present'] });
  if (rest.length > 0) throw usage(`usage: ${program} init [--if-present] [--json]`);
  const isUpdate = flags.has('if-present');
  const done = await logAttempt(appliance, {
    program,
    what: 'init',
    work: () => (isUpdate ? updateAccountTables(appliance) : initAccounts(appliance)),
    describe: ({ migrations }) =>
      isUpdate && migrations === 0
        ? null
        : `account tables made or updated by ${appliance.caller}: ${migrations} steps`,
  });
  if (flags.has('json')) return print.json(done);
  if (done.place === null) return print.line('there is no account database yet');
  print.line(done.migrations === 0 ? `${done.place} is up to date` : `${done.place} is ready`);
};

function readState(state: string | undefined): AccountFilter['state'] {
  if (state === undefined || state === 'active' || state === 'inactive') return state ?? null;
  throw usage('--state must be active or inactive');
}

function readFilter({ flags, values }: Arguments): AccountFilter {
  const connector = values.get('connector') ?? null;
  if (connector !== null && !connectorNameSchema.safeParse(connector).success)
    throw usage('--connector must be the name of a connector, e.g. smb');
  const hash = values.get('hash') ?? null;
  if (hash !== null && !accountHashSchema.safeParse(hash).success)
    throw usage('--hash must be an MD5 of 32 digits in lower case');
  return {
    connector,
    hash,
    application: readNumber(values, 'application', maxUsageCount),
    state: readState(values.get('state')),
    isMarked: flags.has('marked'),
    idleDays: readNumber(values, 'idle-days', maxIdleDays),
  };
}

function formatAccount({ hash, line, names, markedBy }: AccountList['accounts'][number]): string {
  const { userName, connector, active, admin, lastRequest } = line;
  return [
    hash,
    ...(names === null ? [] : [names.account.padEnd(8)]),
    (names?.userName ?? userName ?? '–').padEnd(32),
    connector.padEnd(8),
    active ? 'active  ' : 'inactive',
    admin ? 'admin' : '     ',
    lastRequest ?? 'never',
    markedBy === null ? '' : `internal by ${markedBy}`,
  ]
    .join('  ')
    .trimEnd();
}

const list: KeCommand = async ({ words, appliance, print }) => {
  const values = ['connector', 'application', 'state', 'idle-days', 'hash', 'skip', 'limit'];
  const found = readArguments(words, { flags: ['names', 'marked'], values });
  if (found.words.length > 0)
    throw usage(
      `usage: ${program} list [--connector NAME] [--application NUMBER] [--state active|inactive] [--idle-days N] [--marked] [--hash MD5] [--names] [--skip N] [--limit N] [--json]`,
    );
  const page = {
    skip: readNumber(found.values, 'skip', maxUsageCount, 0) ?? 0,
    limit: readNumber(found.values, 'limit', maxAccountPage) ?? defaultPage,
    hasNames: found.flags.has('names'),
  };
  const { listAccounts } = await import('../core/accounts/listAccounts.ts');
  const listed = await listAccounts(appliance, { filter: readFilter(found), page });
  if (found.flags.has('json')) return print.json(listed);
  listed.accounts.map(formatAccount).forEach(print.line);
  print.note(`${listed.accounts.length} of ${listed.total} accounts`);
};

const applications: KeCommand = async ({ words, appliance, print }) => {
  const found = readArguments(words, {});
  if (found.words.length > 0) throw usage(`usage: ${program} applications [--json]`);
  const { listApplications } = await import('../core/accounts/listApplications.ts');
  const listed = await listApplications(appliance);
  if (found.flags.has('json')) return print.json(listed);
  for (const { number, name, isMarked, accounts } of listed.applications)
    print.line(`${number}  ${name}  ${accounts} accounts${isMarked ? '  internal' : ''}`);
};

/** Reads accounts, one a line: on a command line, other users could see who is meant. */
async function readHashes(path: string | undefined, stdin: Parameters<KeCommand>[0]['stdin']) {
  const maxBytes = maxNamedAccounts * hashBytes;
  const input = await readInput({ path, stdin, maxBytes, name: 'list of accounts', stdinArgument: '-' });
  if ('problem' in input)
    throw usage(`the list of accounts is no file, or has more than ${maxNamedAccounts}`);
  const { hashes, wrongLine } = readAccountHashes(input.content.toString('latin1'));
  if (wrongLine !== null)
    throw usage(`line ${wrongLine} of the list is neither an account ID nor the MD5 of one`);
  if (hashes.size === 0) throw usage('the list names no account');
  if (hashes.size > maxNamedAccounts) throw usage(`the list has more than ${maxNamedAccounts} accounts`);
  return hashes;
}

async function readSelection(found: Arguments, stdin: Parameters<KeCommand>[0]['stdin']) {
  const application = readNumber(found.values, 'application', maxUsageCount);
  const idleDays = readNumber(found.values, 'idle-days', maxIdleDays);
  const given = [application, idleDays, found.words[0] ?? null].filter((one) => one !== null);
  if (found.words.length > 1 || given.length !== 1)
    throw usage('name the accounts in one way: --application NUMBER, --idle-days N, FILE or -');
  const selection: AccountSelection =
    application !== null
      ? { application }
      : idleDays !== null
        ? { idleDays }
        : { hashes: await readHashes(found.words[0], stdin) };
  return selection;
}

const change =
  (action: AccountAction): KeCommand =>
  async ({ words, appliance, stdin, print }) => {
    const found = readArguments(words, { flags: ['dry-run'], values: ['application', 'idle-days'] });
    const selection = await readSelection(found, stdin);
    if ('application' in selection && action === 'deactivate')
      throw usage('an application can’t be deactivated; name its accounts');
    const isDryRun = found.flags.has('dry-run');
    const { changeAccounts } = await import('../core/accounts/changeAccounts.ts');
    const work = () => changeAccounts(appliance, { action, selection, isDryRun });
    const what = 'application' in selection ? `application ${selection.application}` : 'accounts';
    const done = isDryRun
      ? await work()
      : await logAttempt(appliance, {
          program,
          what: `${action} of ${what}`,
          work,
          describe: ({ changed }) =>
            `${what} ${accountActions[action].done} by ${appliance.caller}: ${changed} changed`,
        });
    if (found.flags.has('json')) return print.json(done);
    const verb = isDryRun ? 'would be ' : '';
    print.line(
      `${done.changed} ${done.what} ${verb}${accountActions[action].done}, ${done.unchanged} unchanged`,
    );
  };

/** Reads steps as JSON, from stdin like lists of accounts. Quotes nothing of them. */
async function readSteps(path: string | undefined, stdin: Parameters<KeCommand>[0]['stdin']) {
  const input = await readInput({ path, stdin, maxBytes: maxPlanBytes, name: 'steps', stdinArgument: '-' });
  if ('problem' in input) throw usage(`the steps are no file, or larger than ${maxPlanBytes} bytes`);
  let given: unknown = null;
  try {
    given = JSON.parse(input.content.toString('utf8'));
  } catch {
    throw usage('the steps are no JSON');
  }
  const steps = accountStepsSchema.safeParse(given);
  if (steps.success) return steps.data;
  throw usage(`the steps have an unexpected value: ${steps.error.issues[0]?.path.join('.') ?? ''}`);
}

/** Rehearses several steps, or makes them all together. */
const planOrApply =
  (verb: 'plan' | 'apply'): KeCommand =>
  async ({ words, appliance, stdin, print }) => {
    const isApply = verb === 'apply';
    const found = readArguments(words, { values: isApply ? ['expect'] : [] });
    const expected = found.values.get('expect') ?? null;
    const form = isApply ? 'apply --expect DIGEST' : 'plan';
    if (found.words.length !== 1 || (isApply && !planDigestSchema.safeParse(expected).success))
      throw usage(`usage: ${program} ${form} FILE|- [--json]`);
    const steps = await readSteps(found.words[0], stdin);
    const { applyAccounts, planAccounts } = await import('../core/accounts/planAccounts.ts');
    const work = () =>
      expected === null ? planAccounts(appliance, steps) : applyAccounts(appliance, { steps, expected });
    const done = isApply
      ? await logAttempt(appliance, {
          program,
          what: describeSteps(steps),
          work,
          describe: (made) =>
            `${describeSteps(steps)} by ${appliance.caller}: ${made.steps.map(({ changed }) => changed).join(', ')} changed`,
        })
      : await work();
    if (found.flags.has('json')) return print.json(done);
    for (const { action, changed, unchanged } of done.steps)
      print.line(
        `${changed} accounts ${isApply ? '' : 'would be '}${accountActions[action].done}, ${unchanged} unchanged`,
      );
    print.line(`digest ${done.digest}`);
  };

const verbs: Readonly<
  Record<'init' | 'list' | 'applications' | 'plan' | 'apply' | AccountAction, KeCommand>
> = {
  init,
  list,
  applications,
  'mark-internal': change('mark-internal'),
  unmark: change('unmark'),
  deactivate: change('deactivate'),
  plan: planOrApply('plan'),
  apply: planOrApply('apply'),
};

/** Shows and changes the accounts that are billed **[ours]**. Names of people are printed only on request. */
export const keManageAccounts: KeCommand = async (call) => {
  const [name = '', ...words] = call.words;
  const verb = Object.entries(verbs).find(([known]) => known === name)?.[1];
  if (verb === undefined)
    throw new AppError('INVALID_INPUT', `usage: ${program} ${Object.keys(verbs).join('|')} …`);
  await verb({ ...call, words });
};
