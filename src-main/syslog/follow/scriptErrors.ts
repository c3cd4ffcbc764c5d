import type { Readable } from 'node:stream';
import { visibleLine } from '../../../src-shared/base/machineText.ts';
import { asSentence } from '../../../src-shared/base/sentence.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { createLineSplitter } from '../../../src-shared/node/lineSplitter.ts';

const maxTextBytes = 500;
const maxTexts = 4;
/** Exit codes of a shell that can't find the command, and of the script for arguments that it does not know. */
const unknownCommand: readonly (number | null)[] = [127, 2];

/** Keeps the last lines of the script's error output, to explain why it ended. */
export function collectErrors(stderr: Readable) {
  const split = createLineSplitter(maxTextBytes);
  let texts: string[] = [];
  const push = (chunk: Buffer) => {
    for (const line of split(chunk)) {
      const text = visibleLine(line.trim());
      if (text !== '') texts = [...texts, text].slice(-maxTexts);
    }
  };
  stderr.on('data', push);
  stderr.on('error', () => undefined);

  return {
    /** The error for an end that the script did not announce. */
    explainEnd(exitCode: number | null, hasStarted: boolean): AppError {
      // Without an exit code, the link broke.
      if (exitCode === null) return new AppError('LINK_LOST', 'The connection ended while the log was read.');
      push(Buffer.from('\n'));
      const said = texts.length === 0 ? '' : ` ${asSentence(texts.join(' '))}`;
      if (!hasStarted && unknownCommand.includes(exitCode))
        return new AppError('COMMAND_MISSING', `The command that reads the log can’t be used.${said}`, {
          detail: { exitCode },
        });
      return new AppError(
        'LOG_UNREADABLE',
        `The log can’t be read: its command ended with exit code ${exitCode}.${said}`,
      );
    },
  };
}
