import type { z } from 'zod';
import type { unparsedDetailSchema } from '../../src-shared/errorFacts.ts';
import { AppError } from '../../src-shared/errors.ts';

/** Number of characters of an output that can't be parsed that are kept to show them **[ours]**. */
export const unparsedTextLimit = 64 * 1024;

type UnparsedDetail = z.infer<typeof unparsedDetailSchema>;

export function unparsedOutputError(input: {
  command: string;
  text: string;
  reason: string;
  knowsJson?: boolean;
  /** Whether the command printed nothing; by default, whether `text` is empty. */
  isEmpty?: boolean;
}): AppError {
  const detail: UnparsedDetail = {
    command: input.command,
    // Copies the slice, because a slice of a string keeps the whole string in memory.
    text: Buffer.from(input.text.slice(0, unparsedTextLimit)).toString(),
    truncated: input.text.length > unparsedTextLimit,
    knowsJson: input.knowsJson ?? true,
    reason: input.reason,
  };
  const message =
    (input.isEmpty ?? input.text.trim() === '')
      ? `${input.command} printed nothing.`
      : `${input.command} printed something that can’t be read: ${input.reason}.`;
  return new AppError('OUTPUT_UNPARSED', message, { detail });
}
