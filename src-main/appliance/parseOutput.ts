import { z } from 'zod';
import { AppError } from '../../src-shared/errors.ts';

/** How much of an output that can't be read is kept to be shown, in characters **[ours]**. */
export const unparsedTextLimit = 64 * 1024;

/** The detail of every OUTPUT_UNPARSED: what was run and the raw text, to be shown marked as unparsed. Never a layout guess. */
export const unparsedDetailSchema = z.object({
  command: z.string(),
  /** As the appliance printed it; shown only through `visibleText`. */
  text: z.string(),
  truncated: z.boolean(),
  /** What is wrong with it, for people. */
  reason: z.string(),
});
type UnparsedDetail = z.infer<typeof unparsedDetailSchema>;

export function unparsed(input: { command: string; text: string; reason: string }): AppError {
  const detail: UnparsedDetail = {
    command: input.command,
    text: input.text.slice(0, unparsedTextLimit),
    truncated: input.text.length > unparsedTextLimit,
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

function parseJson(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/**
 * Reads what a command printed with `--json`. Throws OUTPUT_UNPARSED with the raw text where it is not such a document;
 * with `secret` without any of it.
 */
export function parseOutput<T extends z.ZodType>(input: {
  command: string;
  text: string;
  schema: T;
  secret?: boolean;
}): z.output<T> {
  const { command, schema } = input;
  const text = input.secret === true ? '' : input.text;
  const json = parseJson(input.text);
  if (json === null)
    throw unparsed({ command, text, reason: input.text.trim() === '' ? 'it is empty' : 'it is not JSON' });
  const parsed = schema.safeParse(json.value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'the document' : issue.path.join('.');
  throw unparsed({ command, text, reason: `${where.slice(0, 100)} is not as agreed` });
}
