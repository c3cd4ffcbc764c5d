import { AppError } from '../../src-shared/errors.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import type { AuthorityExchange } from '../../src-shared/model/configuration/configurationCommands.ts';
import { maxDocumentBytes } from '../../src-shared/model/licence/documents.ts';
import type { ImportOutput } from '../../src-shared/model/licence/licenceCommands.ts';
import { finishLicenceChange } from '../core/licence/licenceRecord.ts';
import { showLicence } from '../core/licence/licence.ts';
import { readInput } from '../core/readInput.ts';
import { readStreamBounded } from '../../src-shared/node/files.ts';
import { readArguments, readWholeNumber, usage, type Arguments } from './arguments.ts';
import type { KeCommand } from './command.ts';
import { logAttempt } from './logAttempt.ts';
import { describeExchange, formatImport, formatLicence, formatVersion } from './licenceText.ts';

const program = 'ke_manage_license_key';

/** Each verb loads only what it needs, so that it starts quickly. */
type Verb = KeCommand;
const loadImport = () => import('../core/licence/importLicence.ts');
const loadRollback = () => import('../core/licence/rollbackLicence.ts');
const loadConnection = () => import('../core/licence/connectedUpdate.ts');

/** Reads the arguments of a verb that takes at most `words` words. */
function readVerb(
  words: readonly string[],
  verb: { synopsis: string; words: number; flags?: readonly string[]; values?: readonly string[] },
): Arguments {
  const found = readArguments(words, verb);
  if (found.words.length > verb.words) throw usage(`usage: ${program} ${verb.synopsis} [--json]`);
  return found;
}

const show: Verb = async ({ words, appliance, print }) => {
  const { flags } = readVerb(words, { synopsis: 'show', words: 0 });
  await finishLicenceChange(appliance);
  const licence = await showLicence(appliance);
  if (flags.has('json')) return print.json(licence);
  formatLicence(licence).forEach(print.line);
};

const request: Verb = async ({ words, appliance, print }) => {
  const { flags } = readVerb(words, { synopsis: 'request', words: 0 });
  const { requestLicence } = await import('../core/licence/requestLicence.ts');
  const made = await logAttempt(appliance, {
    program,
    what: 'request',
    work: () => requestLicence(appliance),
    describe: ({ number, id }) => `request ${number} (${id}) made by ${appliance.caller}`,
  });
  if (flags.has('json')) return print.json(made);
  if (made.voided !== null)
    print.note(`request ${made.voided} is void now; only request ${made.number} can be answered.`);
  // Print only the document, so that `request > FILE` writes a usable file.
  print.line(made.request);
};

/** Throws INVALID_INPUT for what is no file. A document that is too large is left to the checks. */
async function readDocumentText(path: string | undefined, stdin: Parameters<KeCommand>[0]['stdin']) {
  const maxBytes = maxDocumentBytes + '\r\n'.length;
  const input = await readInput({ path, stdin, maxBytes, name: 'licence file', stdinArgument: '-' });
  if ('content' in input) return input.content.toString('latin1');
  if (input.problem === 'not-a-file') throw usage('the licence file is not a regular file');
  return ' '.repeat(maxBytes);
}

/** Prints the result of a check. Throws VERIFICATION_FAILED for a refused document. */
async function printImport(
  result: ImportOutput,
  output: { isJson: boolean; print: Parameters<KeCommand>[0]['print'] },
): Promise<void> {
  if (output.isJson) output.print.json(result);
  else formatImport(result).forEach(output.print.line);
  if (result.outcome !== 'refused') return;
  const { describeRefusal } = await loadImport();
  throw new AppError('VERIFICATION_FAILED', describeRefusal(result));
}

const verify: Verb = async ({ words, appliance, stdin, print }) => {
  const { words: rest, flags } = readVerb(words, { synopsis: 'verify [FILE|-]', words: 1 });
  const text = await readDocumentText(rest[0], stdin);
  const { previewLicence } = await loadImport();
  await printImport(await previewLicence(appliance, text), { isJson: flags.has('json'), print });
};

const importVerb: Verb = async ({ words, appliance, stdin, print }) => {
  const { words: rest, flags } = readVerb(words, {
    synopsis: 'import [FILE|-] [--dry-run]',
    words: 1,
    flags: ['dry-run'],
  });
  const text = await readDocumentText(rest[0], stdin);
  const output = { isJson: flags.has('json'), print };
  const { describeRefusal, importLicence, previewLicence } = await loadImport();
  if (flags.has('dry-run')) return printImport(await previewLicence(appliance, text), output);
  const result = await logAttempt(appliance, {
    program,
    what: 'import',
    work: () => importLicence(appliance, text),
    describe: (done) =>
      done.outcome === 'applied'
        ? `licence ${done.current.sequence ?? ''} imported by ${appliance.caller}`
        : `refused import by ${appliance.caller}: ${describeRefusal(done)}`,
  });
  await printImport(result, output);
};

const receipt: Verb = async ({ words, appliance, print }) => {
  const { flags } = readVerb(words, { synopsis: 'receipt', words: 0 });
  const { showReceipt } = await loadRollback();
  const shown = await showReceipt(appliance);
  if (flags.has('json')) return print.json(shown);
  print.line(shown.receipt);
};

const history: Verb = async ({ words, appliance, print }) => {
  const { flags } = readVerb(words, { synopsis: 'history', words: 0 });
  await finishLicenceChange(appliance);
  const { listLicenceHistory } = await loadRollback();
  const kept = await listLicenceHistory(appliance);
  if (flags.has('json')) return print.json(kept);
  if (kept.versions.length === 0) print.note('no licence is installed, and none is kept');
  kept.versions.map(formatVersion).forEach(print.line);
};

const rollback: Verb = async ({ words, appliance, print }) => {
  const { flags, values } = readVerb(words, {
    synopsis: 'rollback [--to SEQUENCE]',
    words: 0,
    values: ['to'],
  });
  const to = values.get('to');
  const bounds = { what: 'SEQUENCE', least: 1, most: 9_999_999_999 };
  const sequence = to === undefined ? null : readWholeNumber(to, bounds);
  const { rollbackLicence } = await loadRollback();
  const done = await logAttempt(appliance, {
    program,
    what: `rollback${to === undefined ? '' : ` to ${to}`}`,
    work: () => rollbackLicence(appliance, sequence),
    describe: ({ current }) => `rolled back to licence ${current.sequence ?? ''} by ${appliance.caller}`,
  });
  if (flags.has('json')) return print.json(done);
  formatLicence(done.current).forEach(print.line);
};

const maxKeyInput = 256;

async function readKey(stdin: Parameters<KeCommand>[0]['stdin']): Promise<string> {
  const content = await readStreamBounded(stdin, maxKeyInput);
  if (content === null) throw usage(`the key on stdin is longer than ${maxKeyInput} bytes`);
  return content.toString('utf8').trim();
}

const set: Verb = async ({ words, appliance, stdin, print }) => {
  const { words: rest, flags } = readVerb(words, { synopsis: 'set [KEY|-]', words: 1 });
  const [word = '-'] = rest;
  const key = word === '-' ? await readKey(stdin) : word;
  const { setLicenceKey } = await import('../core/licence/licenceKey.ts');
  const done = await logAttempt(appliance, {
    program,
    what: 'set of the licence key',
    work: () => setLicenceKey(appliance, key),
    describe: (stored) => `licence key ${stored.key} set by ${appliance.caller}`,
  });
  if (word !== '-') print.note('other users and logs may have seen this key; pass it on stdin: set -');
  if (flags.has('json')) return print.json(done);
  print.line(`Key      ${done.key}`);
};

const authority: Verb = async ({ words, appliance, print }) => {
  const { flags } = readVerb(words, { synopsis: 'authority', words: 0 });
  const { describeAuthority } = await loadConnection();
  const described = describeAuthority(appliance);
  if (flags.has('json')) return print.json(described);
  print.line(`Host     ${described.host}`);
  print.line(`Port     ${described.port}`);
  print.line(`Mode     ${described.mode}`);
  for (const { path, fields } of described.sends) print.line(`Sends    ${path}: ${fields.join(', ')}`);
};

const ping: Verb = async ({ words, appliance, print }) => {
  const { flags } = readVerb(words, { synopsis: 'ping [--when-due]', words: 0, flags: ['when-due'] });
  const logged = (work: () => Promise<AuthorityExchange>) =>
    logAttempt(appliance, { program, what: 'ping', work, describe: describeExchange });
  if (flags.has('when-due')) {
    const { pingWhenDue } = await import('../core/licence/scheduledPing.ts');
    const { state, waitMs } = await pingWhenDue(appliance, { random: Math.random, run: logged });
    const waitSeconds = Math.ceil(waitMs / secondMs);
    if (flags.has('json')) return print.json({ contract: 1, state, waitSeconds });
    return print.line(`${waitSeconds}`);
  }
  const { pingAuthority } = await loadConnection();
  const sent = await logged(() => pingAuthority(appliance));
  if (flags.has('json')) return print.json({ contract: 1, ...sent });
  print.line(describeExchange(sent));
};

const verbs: ReadonlyMap<string, Verb> = new Map(
  Object.entries({
    show,
    request,
    verify,
    import: importVerb,
    receipt,
    history,
    rollback,
    set,
    ping,
    authority,
  }),
);

export const keManageLicenseKey: KeCommand = async (call) => {
  const [name, ...words] = call.words;
  const verb = verbs.get(name ?? '');
  if (verb === undefined) throw usage(`usage: ${program} ${[...verbs.keys()].join('|')} … [--json]`);
  await verb({ ...call, words });
};
