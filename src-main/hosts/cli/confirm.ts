import { createInterface } from 'node:readline/promises';
import { AppError } from '../../../src-shared/errors.ts';

/** Asks on the terminal, on stderr; null if there is no terminal or no answer. */
export async function askLine(question: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null;
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ended = new Promise<null>((resolve) => {
      reader.once('close', () => resolve(null));
      reader.once('SIGINT', () => resolve(null));
    });
    return await Promise.race([reader.question(question), ended]);
  } finally {
    reader.close();
  }
}

/** Throws unless a person says yes, or said so before with `--yes`. */
export async function assertWanted(isYes: boolean): Promise<void> {
  if (isYes) return;
  if (!process.stdin.isTTY)
    throw new AppError(
      'INVALID_INPUT',
      'This needs a confirmation, and there is no terminal: add --yes to go on. Nothing was changed.',
    );
  if ((await askLine('Go on? Type yes: '))?.trim().toLowerCase() !== 'yes')
    throw new AppError('CANCELLED', 'Nothing was changed.');
}
