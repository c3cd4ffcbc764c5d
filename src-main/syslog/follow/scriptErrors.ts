import type { Readable } from 'node:stream';
import { z } from 'zod';
import { visibleLine } from '../../../src-shared/base/machineText.ts';
import { asSentence } from '../../../src-shared/base/sentence.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { createLineSplitter } from '../../../src-shared/node/lineSplitter.ts';

const maxTextBytes = 500;
const maxTexts = 4;
/** Exit codes of a shell that can't find the command, and of the script for arguments that it does not know. */
const unknownCommand: readonly (number | null)[] = [127, 2];

/** What the script says if it can't work on this appliance at all: a tool is missing, or there are too many files. */
const unusableReasons: readonly unknown[] = ['tool', 'many'];

/** The error for a frame in which the script says that it failed. */
export function failureOf([, kind, ...words]: readonly string[]): AppError {
  return new AppError('LOG_UNREADABLE', `The log can’t be read: ${words.join(' ')}.`, {
    detail: { isUnusable: unusableReasons.includes(kind) },
  });
}

const unusableSchema = z.object({ isUnusable: z.literal(true) });

/** Whether the appliance can't run the script, so that its log can only be followed by `tail`. */
export function isScriptRefused(thrown: unknown): boolean {
  return (
    thrown instanceof AppError &&
    (thrown.code === 'COMMAND_MISSING' || unusableSchema.safeParse(thrown.detail).success)
  );
}

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
