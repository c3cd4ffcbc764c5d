import { createInterface } from 'node:readline/promises';
import { AppError } from '../../../src-shared/errors.ts';

/** Asks a question on stderr. Returns null if stdin is no terminal or the user enters nothing. */
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

/** Throws unless `--yes` is set or the user confirms on the terminal. */
export async function assertConfirmed(isYes: boolean): Promise<void> {
  if (isYes) return;
  if (!process.stdin.isTTY)
    throw new AppError(
      'INVALID_INPUT',
      'Nothing was changed. There is no terminal to confirm on; add --yes to continue.',
    );
  if ((await askLine('Continue? Type yes: '))?.trim().toLowerCase() !== 'yes')
    throw new AppError('CANCELLED', 'Nothing was changed.');
}
