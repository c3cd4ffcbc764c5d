import { AppError } from '../../src-shared/errors.ts';
import { formatInstant } from '../../src-shared/base/time.ts';
import type {
  ConfigurationOutput,
  ConfigurationShow,
} from '../../src-shared/model/configuration/configurationCommands.ts';
import { describeAuthor, describeReason } from '../../src-shared/model/configuration/versionOrigins.ts';
import { maxConfigurationBytes } from '../../src-shared/model/configuration/configurationLimits.ts';
import { listConfigurationHistory, showConfiguration } from '../core/configuration/showConfiguration.ts';
import {
  rollbackConfiguration,
  updateConfiguration,
  type UpdateOptions,
} from '../core/configuration/updateConfiguration.ts';
import { importConfiguration, isSignedDocument } from '../core/configuration/importConfiguration.ts';
import { finishLicenceChange } from '../core/licence/licenceRecord.ts';
import { readInput } from '../core/readInput.ts';
import { readArguments, readStated, readWholeNumber, statedOptions, usage } from './arguments.ts';
import type { Appliance } from '../core/appliance.ts';
import type { Readable } from 'node:stream';
import type { KeCommand } from './command.ts';
import { describeExchange } from './licenceText.ts';
import { logAttempt } from './logAttempt.ts';

const program = 'ke_update_configuration';
type Verb = KeCommand;
type Print = Parameters<KeCommand>[0]['print'];

const maxNumber = 9_999_999_999;

function readNumber(values: ReadonlyMap<string, string>, name: string): number | null {
  const word = values.get(name);
  return word === undefined ? null : readWholeNumber(word, { what: 'NUMBER', least: 1, most: maxNumber });
}

function readDigest(values: ReadonlyMap<string, string>): string | undefined {
  const digest = values.get('unchanged-since');
  if (digest !== undefined && !/^[\da-f]{64}$/u.test(digest))
    throw usage('--unchanged-since needs the digest that show prints');
  return digest;
}

function describeDrift(
  path: string,
  { changedAt, changes }: NonNullable<ConfigurationShow['drift']>,
): string {
  const keys = changes.map((change) => change.path).join(', ');
  return `${path} was changed without this command, ${formatInstant(changedAt)}${keys === '' ? '' : `: ${keys}`}`;
}

const show: Verb = async ({ words, appliance, print }) => {
  const { words: rest, flags, values } = readArguments(words, { values: ['version'] });
  if (rest.length > 0) throw usage(`usage: ${program} show [--version NUMBER] [--json]`);
  await finishLicenceChange(appliance);
  const shown = await showConfiguration(appliance, readNumber(values, 'version'));
  if (flags.has('json')) return print.json(shown);
  if (shown.drift !== null) print.note(describeDrift(shown.path, shown.drift));
  print.note(`revision ${shown.revision}, digest ${shown.digest}; secrets are masked`);
  // Print only the file, so that `show > FILE` writes a candidate.
  print.line(shown.text.replace(/\n$/u, ''));
};

const history: Verb = async ({ words, appliance, print }) => {
  const { words: rest, flags } = readArguments(words, {});
  if (rest.length > 0) throw usage(`usage: ${program} history [--json]`);
  await finishLicenceChange(appliance);
  const kept = await listConfigurationHistory(appliance);
  if (flags.has('json')) return print.json(kept);
  if (kept.versions.length === 0) print.note('no version is kept yet');
  for (const version of kept.versions) {
    const { number, keptAt, origin, revision, isInstalled } = version;
    const state = isInstalled ? ', installed now' : '';
    const cause = `by ${describeAuthor(version)}, reason: ${describeReason(version)}`;
    print.line(`${number}  kept ${formatInstant(keptAt)}, ${origin}, revision ${revision}${state}, ${cause}`);
  }
};

const outcomes: Record<ConfigurationOutput['outcome'], string> = {
  applied: 'The configuration was installed.',
  acceptable: 'The configuration can be installed. Nothing was changed.',
  refused: 'The configuration is refused. Nothing was changed.',
  unchanged: 'The configuration is the same already. Nothing was changed.',
};

function describeProblems({ problems }: ConfigurationOutput): string {
  return problems.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');
}

/** Throws INVALID_INPUT for a refused YAML file and VERIFICATION_FAILED for a refused licence. */
function printOutput(result: ConfigurationOutput, output: { isJson: boolean; print: Print }): void {
  const { print, isJson } = output;
  if (isJson) print.json(result);
  else {
    for (const { path, kind, before, after } of result.changes)
      print.line(`${kind.padEnd(8)} ${path}  ${[before, after].filter((one) => one !== null).join(' → ')}`);
    print.line(outcomes[result.outcome]);
  }
  if (result.outcome !== 'refused') return;
  const code = result.licence === null ? 'INVALID_INPUT' : 'VERIFICATION_FAILED';
  throw new AppError(code, `nothing was changed; ${describeProblems(result)}`);
}

/** Logs paths only, never values. */
function describeForLog(result: ConfigurationOutput, caller: string): string {
  const paths = result.changes.map(({ path }) => path).join(', ');
  const what = result.outcome === 'refused' ? describeProblems(result) : paths;
  const sent = result.exchange === undefined ? '' : `; ${describeExchange(result.exchange)}`;
  const subject = result.licence === null ? 'configuration' : 'licence and configuration';
  return `${subject} ${result.outcome} by ${caller}${what === '' ? '' : `: ${what}`}${sent}`;
}

/** Logs a change and what was sent for it, but no dry run. */
function runUpdate(
  appliance: Appliance,
  change: { what: string; isDryRun: boolean; work: () => Promise<ConfigurationOutput> },
): Promise<ConfigurationOutput> {
  const { what, isDryRun, work } = change;
  const describe = (done: ConfigurationOutput) => describeForLog(done, appliance.caller);
  return isDryRun ? work() : logAttempt(appliance, { program, what, work, describe });
}

const updateUsage = `usage: ${program} [--via PORT] [--accept-losses none|ID,…] or --offline FILE|-, [--dry-run] [--unchanged-since DIGEST] [--by NAME] [--reason TEXT] [--json]; or ${program} show|history|rollback`;

/** Reads the candidate of `--offline`. Resolves with the work that installs it. */
async function readCandidate(path: string, call: { appliance: Appliance; stdin: Readable }) {
  const { appliance, stdin } = call;
  const maxBytes = maxConfigurationBytes;
  const source = { path, stdin, maxBytes, name: 'configuration file', stdinArgument: '--offline -' };
  const input = await readInput(source);
  if ('problem' in input)
    throw usage(
      `the configuration file is ${input.problem === 'not-a-file' ? 'not a regular file' : `larger than ${maxBytes} bytes`}`,
    );
  const text = input.content.toString('utf8');
  return (options: UpdateOptions) =>
    isSignedDocument(text)
      ? importConfiguration(appliance, text, options)
      : updateConfiguration(appliance, text, options);
}

const update: Verb = async ({ words, appliance: called, stdin, print }) => {
  const found = readArguments(words, {
    flags: ['dry-run'],
    values: ['offline', 'unchanged-since', 'via', 'accept-losses', ...statedOptions],
  });
  const { words: rest, flags, values } = found;
  const appliance = { ...called, stated: readStated(found) };
  const path = values.get('offline');
  const port = values.get('via');
  const losses = values.get('accept-losses');
  const isOffline = path !== undefined;
  if (rest.length > 0 || (isOffline && (port !== undefined || losses !== undefined)))
    throw usage(updateUsage);
  const via = port === undefined ? null : readWholeNumber(port, { what: 'PORT', least: 1, most: 65_535 });
  const options = { isDryRun: flags.has('dry-run'), unchangedSince: readDigest(values) };
  const work =
    path === undefined
      ? async () => {
          const { updateFromAuthority } = await import('../core/licence/connectedUpdate.ts');
          const acceptedLosses = losses === undefined ? null : new Set(losses.split(','));
          return updateFromAuthority(appliance, { ...options, via, acceptedLosses });
        }
      : await readCandidate(path, { appliance, stdin }).then((install) => () => install(options));
  const result = await runUpdate(appliance, { what: 'update', isDryRun: options.isDryRun, work });
  const { exchange } = result;
  if (exchange?.voidedRequest != null) print.note(`request ${exchange.voidedRequest} is void now.`);
  if (exchange?.pingProblem != null) print.note(`no ping was sent: ${exchange.pingProblem}`);
  if (exchange?.receiptProblem != null)
    print.note(`the receipt was not delivered: ${exchange.receiptProblem}`);
  const left = exchange?.unacceptedLosses ?? [];
  if (left.length > 0)
    print.note(`nothing was installed, because the licence takes something away: ${left.join(', ')}`);
  printOutput(result, { isJson: flags.has('json'), print });
};

const rollback: Verb = async ({ words, appliance: called, print }) => {
  const found = readArguments(words, {
    flags: ['dry-run'],
    values: ['to', 'unchanged-since', ...statedOptions],
  });
  const { words: rest, flags, values } = found;
  if (rest.length > 0)
    throw usage(
      `usage: ${program} rollback [--to NUMBER] [--dry-run] [--unchanged-since DIGEST] [--by NAME] [--reason TEXT] [--json]`,
    );
  const appliance = { ...called, stated: readStated(found) };
  const isDryRun = flags.has('dry-run');
  const options = { isDryRun, unchangedSince: readDigest(values), to: readNumber(values, 'to') };
  const work = () => rollbackConfiguration(appliance, options);
  const result = await runUpdate(appliance, { what: 'rollback', isDryRun, work });
  printOutput(result, { isJson: flags.has('json'), print });
};

const verbs: ReadonlyMap<string, Verb> = new Map(Object.entries({ show, history, rollback }));

export const keUpdateConfiguration: KeCommand = async (call) => {
  const [name = '', ...words] = call.words;
  const verb = verbs.get(name);
  await (verb === undefined ? update(call) : verb({ ...call, words }));
};
