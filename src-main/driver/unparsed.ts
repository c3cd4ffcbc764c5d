import type { z } from 'zod';
import type { unparsedDetailSchema } from '../../src-shared/errorFacts.ts';
import { AppError } from '../../src-shared/errors.ts';

/** Characters of unreadable output that are kept to be shown **[ours]**. */
export const unparsedTextLimit = 64 * 1024;

type UnparsedDetail = z.infer<typeof unparsedDetailSchema>;

export function unparsed(input: {
  command: string;
  text: string;
  reason: string;
  knowsJson?: boolean;
}): AppError {
  const detail: UnparsedDetail = {
    command: input.command,
    // A copy, because a slice would keep the whole text in memory.
    text: Buffer.from(input.text.slice(0, unparsedTextLimit)).toString(),
    truncated: input.text.length > unparsedTextLimit,
    knowsJson: input.knowsJson ?? true,
    reason: input.reason,
  };
  return new AppError(
    'OUTPUT_UNPARSED',
    `${input.command} printed something that can't be read: ${input.reason}.`,
    {
      detail,
    },
  );
}
