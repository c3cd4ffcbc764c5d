import { createReadStream, fstatSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { createKeyedQueue } from '../../../src-shared/base/keyedQueue.ts';
import { quoteText, visibleText } from '../../../src-shared/base/machineText.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { readStreamBounded } from '../../../src-shared/node/files.ts';
import type { AskVaultPassphrase } from '../../secrets/secrets.ts';
import type { AskSecret } from '../../ssh/types.ts';

type Question = Parameters<AskSecret>[0];

const maxSecretBytes = 8 * 1024;
const maxPassphraseAttempts = 3;
/** There is one terminal, so its questions wait for each other. */
const terminal = createKeyedQueue();
const takeTurn = <Result>(work: () => Promise<Result>) => terminal.take('terminal', work);

/**
 * Asks for passwords and passphrases on the terminal, one at a time. Answers null if there is no terminal.
 */
export function askOnTerminal(): AskSecret {
  return (question) => (process.stdin.isTTY ? takeTurn(() => ask(question)) : Promise.resolve(null));
}

function say(text: string): void {
  process.stderr.write(text);
}

/**
 * What the terminal asks. The text of a server is quoted and named as the server's, so that it can't pass for a question of
 * this program, such as that for the passphrase of the vault.
 */
export function questionOf({ hop, kind }: Pick<Question, 'hop' | 'kind'>, label: string): string {
  return kind === 'keyboard-interactive'
    ? `${visibleText(hop)} asks ${quoteText(label)}`
    : visibleText(label);
}

async function ask(question: Question): Promise<string[] | null> {
  const answers: string[] = [];
  say(
    `${visibleText(question.hop)}: ${visibleText(question.title)}${question.refused ? ' (refused, try again)' : ''}\n`,
  );
  for (const field of question.fields) {
    const answer = await askField({ label: questionOf(question, field.label), echo: field.echo });
    if (answer === null) return null;
    answers.push(answer);
  }
  return answers;
}

async function askField(field: { label: string; echo: boolean }): Promise<string | null> {
  let isMuted = false;
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!isMuted) process.stderr.write(chunk);
      done();
    },
  });
  const reader = createInterface({ input: process.stdin, output, terminal: true });
  try {
    const ended = new Promise<null>((resolve) => {
      reader.once('close', () => resolve(null));
      reader.once('SIGINT', () => resolve(null));
    });
    const typed = reader.question(`${field.label}: `);
    isMuted = !field.echo;
    const answer = await Promise.race([typed, ended]);
    if (isMuted) say('\n');
    return answer;
  } finally {
    reader.close();
  }
}

/** Asks without echo. Null if there is no terminal or nothing is entered. */
function askHidden(label: string): Promise<string | null> {
  if (!process.stdin.isTTY) return Promise.resolve(null);
  return takeTurn(() => askField({ label, echo: false }));
}

/** Throws INVALID_INPUT, because a secret with replaced characters would be refused by each server. */
function decodeSecrets(content: Buffer, descriptor: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', `File descriptor ${descriptor} has text that is not UTF-8.`, {
      cause,
    });
  } finally {
    content.fill(0);
  }
}

const createUnreadableError = (descriptor: number, cause: unknown) =>
  new AppError(
    'INVALID_INPUT',
    `File descriptor ${descriptor} can’t be read. Open a file on it in the shell: ${descriptor}<FILE`,
    { cause },
  );

/** Throws for a descriptor that nothing is open on, or something of Node's own, which ends the process if it is closed. */
function assertReadable(descriptor: number): void {
  let stats;
  try {
    stats = fstatSync(descriptor);
  } catch (cause) {
    throw createUnreadableError(descriptor, cause);
  }
  if (!(stats.isFile() || stats.isFIFO() || stats.isSocket() || stats.isCharacterDevice()))
    throw createUnreadableError(descriptor, undefined);
}

/** The lines of an open file, without the one after the last line break. Rejects with INVALID_INPUT. */
async function readSecretLines(descriptor: number): Promise<string[]> {
  assertReadable(descriptor);
  let content: Buffer | null;
  try {
    content = await readStreamBounded(createReadStream('', { fd: descriptor }), maxSecretBytes);
  } catch (cause) {
    throw createUnreadableError(descriptor, cause);
  }
  if (content === null)
    throw new AppError('INVALID_INPUT', `File descriptor ${descriptor} has too much text for a secret.`);
  const lines = decodeSecrets(content, descriptor).split(/\r?\n/u);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** The first line of an open file. Rejects with INVALID_INPUT. */
export async function readSecretLine(descriptor: number): Promise<string> {
  const [line] = await readSecretLines(descriptor);
  if (line === undefined)
    throw new AppError('INVALID_INPUT', `File descriptor ${descriptor} has no line with a secret.`);
  return line;
}

/**
 * Reads secrets that replace others: on the terminal each by its label, or one per line from standard input. `isRepeated`:
 * each is entered twice. Rejects with SECRET_NEEDED or INVALID_INPUT.
 */
export async function readNewSecrets(labels: readonly string[], isRepeated: boolean): Promise<string[]> {
  if (!process.stdin.isTTY) {
    const lines = await readSecretLines(0);
    if (lines.length !== labels.length)
      throw new AppError(
        'INVALID_INPUT',
        `Standard input must have ${labels.length === 1 ? 'one line' : `${labels.length} lines`}: ${labels.join(', ')}.`,
      );
    return lines;
  }
  const entered: string[] = [];
  for (const label of labels) {
    const secret = await askHidden(label);
    if (secret === null || secret === '') throw new AppError('SECRET_NEEDED', 'Nothing was entered.');
    if (isRepeated && (await askHidden(`${label}, again`)) !== secret)
      throw new AppError('INVALID_INPUT', 'The two entries differ. Nothing was changed.');
    entered.push(secret);
  }
  return entered;
}

/** Reads the passphrase of an existing vault. Null if there is neither a terminal nor `descriptor`. */
export function readPassphrase(descriptor: number | undefined, label: string): Promise<string | null> {
  return descriptor === undefined ? askHidden(label) : readSecretLine(descriptor);
}

/** Unlocks the vault with a passphrase from `descriptor`, or from the terminal, where it can be entered again. */
export function askVaultPassphrase(descriptor: number | undefined): AskVaultPassphrase {
  return async (unlock) => {
    for (let attempt = 1; ; attempt += 1) {
      const label = `Passphrase of the vault${attempt === 1 ? '' : ' (wrong, try again)'}`;
      const passphrase = await readPassphrase(descriptor, label);
      if (passphrase === null) return false;
      try {
        await unlock(passphrase);
        return true;
      } catch (thrown) {
        const isWrong = thrown instanceof AppError && thrown.code === 'VAULT_WRONG_PASSPHRASE';
        if (!isWrong || descriptor !== undefined || attempt === maxPassphraseAttempts) throw thrown;
      }
    }
  };
}
