import type { z } from 'zod';
import type { unparsedDetailSchema } from '../../src-shared/errorFacts.ts';
import { AppError } from '../../src-shared/errors.ts';
import { decodeBeginning, type CommandOutput } from '../ssh/session/decodeOutput.ts';
import { emptyReason } from './answers.ts';

/** Number of characters of an output that can't be parsed that are kept to show them **[ours]**. */
export const unparsedTextLimit = 64 * 1024;

type UnparsedDetail = z.infer<typeof unparsedDetailSchema>;

function isEmpty({ output, reason }: { output: CommandOutput; reason: string }): boolean {
  return typeof output === 'string' ? output.trim() === '' : reason === emptyReason;
}

export function unparsedOutputError(input: {
  command: string;
  output: CommandOutput;
  reason: string;
  knowsJson?: boolean;
  /** Whether the command printed nothing; by default, whether `output` is empty. */
  isEmpty?: boolean;
}): AppError {
  const detail: UnparsedDetail = {
    command: input.command,
    text: decodeBeginning(input.output, unparsedTextLimit),
    truncated: input.output.length > unparsedTextLimit,
    knowsJson: input.knowsJson ?? true,
    reason: input.reason,
  };
  const message =
    (input.isEmpty ?? isEmpty(input))
      ? `${input.command} printed nothing.`
      : `${input.command} printed something that can’t be read: ${input.reason}.`;
  return new AppError('OUTPUT_UNPARSED', message, { detail });
}
