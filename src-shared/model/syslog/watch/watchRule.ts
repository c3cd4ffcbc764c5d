import { z } from 'zod';
import { AppError } from '../../../errors.ts';
import { isPlainLine } from '../../../base/machineText.ts';
import { dayMs, secondMs } from '../../../base/time.ts';
import { maxQueryLength, type LogQuery } from '../query/logQuery.ts';
import { createLineMatcher, type LineMatcher } from '../query/matchLine.ts';
import { parseQuery } from '../query/parseQuery.ts';

/** What a rule counts apart, so that one noisy tenant doesn't hide another. */
export const watchGroups = ['none', 'appliance', 'tenant'] as const;

export const watchBounds = {
  threshold: { min: 1, max: 10_000 },
  windowSeconds: { min: 1, max: dayMs / secondMs },
  quietSeconds: { min: 60, max: (7 * dayMs) / secondMs },
} as const;
const within = ({ min, max }: { min: number; max: number }) => z.int().min(min).max(max);

/**
 * Raises an alert if at least `threshold` lines that fit `query` were written within `windowSeconds`; then stays quiet for at
 * least `quietSeconds`.
 */
export const watchRuleSchema = z.strictObject({
  id: z.uuid(),
  name: z.string().trim().min(1).max(80).refine(isPlainLine, 'must be one line without invisible characters'),
  query: z.string().max(maxQueryLength),
  threshold: within(watchBounds.threshold),
  windowSeconds: within(watchBounds.windowSeconds),
  quietSeconds: within(watchBounds.quietSeconds),
  groupBy: z.enum(watchGroups),
  /** The appliances whose lines count; null for all. */
  applianceIds: z.array(z.uuid()).max(1000).nullable(),
  isEnabled: z.boolean(),
});
export type WatchRule = z.infer<typeof watchRuleSchema>;

function hasTime(query: LogQuery): boolean {
  switch (query.kind) {
    case 'and':
    case 'or':
      return query.nodes.some(hasTime);
    case 'not':
      return hasTime(query.node);
    case 'field':
      return query.field === 'time';
    case 'all':
    case 'text':
    case 'word':
    case 'regexp':
      return false;
  }
}

/** The test of a rule's query. Throws INVALID_INPUT if the query is not valid, or has a time. */
export function compileWatchQuery({ query }: Pick<WatchRule, 'query'>): LineMatcher {
  const { query: tree } = parseQuery(query, { now: 0, timeZone: 'UTC' });
  if (hasTime(tree))
    throw new AppError('INVALID_INPUT', 'A watch rule looks at new lines, so its query can’t have a time.');
  return createLineMatcher(tree);
}
