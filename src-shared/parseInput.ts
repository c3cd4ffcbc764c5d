import type { z } from 'zod';
import { AppError } from './errors.ts';

/**
 * Parses what a user entered. Throws INVALID_INPUT, which names the fields but not their values, because a value may be a
 * secret.
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) =>
    [...(path.length === 0 ? [] : [path.join('.')]), message].join(': '),
  );
  throw new AppError('INVALID_INPUT', faults.map((fault) => `${fault.replace(/\.$/u, '')}.`).join(' '), {
    detail: { issues: faults },
  });
}
