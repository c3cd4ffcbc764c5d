import { z } from 'zod';
import { compareLineAge, type LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import { maxQueryDepth, type LogQuery } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { logQuerySchema } from '../../../../src-shared/model/syslog/query/logQuerySchema.ts';
import { AppError } from '../../../../src-shared/errors.ts';

export type SearchOrder = 'newest' | 'oldest';

/** Negative if `left` comes first in the order. */
export function compareKeys(order: SearchOrder, left: LineKey, right: LineKey): number {
  return order === 'newest' ? compareLineAge(right, left) : compareLineAge(left, right);
}

/**
 * What to search. Null selects all appliances or sources. `from` and `to` are bounds of the sort time, both included, in
 * epoch milliseconds. `applianceNames`: how the query names appliances.
 */
export const searchSpecSchema = z.object({
  query: logQuerySchema,
  applianceIds: z.array(z.string()).nullable().default(null),
  sources: z.array(z.int()).nullable().default(null),
  applianceNames: z.record(z.string(), z.string()).default({}),
  from: z.number().nullable().default(null),
  to: z.number().nullable().default(null),
  order: z.enum(['newest', 'oldest']).default('newest'),
});
export type SearchRequest = z.input<typeof searchSpecSchema>;
export type SearchSpec = Omit<z.output<typeof searchSpecSchema>, 'from' | 'to'> & {
  from: number;
  to: number;
};

function depthOf(query: LogQuery): number {
  switch (query.kind) {
    case 'not':
      return 1 + depthOf(query.node);
    case 'and':
    case 'or':
      return 1 + Math.max(0, ...query.nodes.map(depthOf));
    default:
      return 1;
  }
}

/** A group in a query is an `or` of an `and` of a `not`. */
const nodesPerGroup = 3;

/** Throws INVALID_INPUT for a query that is nested too deeply to be compiled. */
export function readSearchSpec(request: SearchRequest): SearchSpec {
  const spec = searchSpecSchema.parse(request);
  if (depthOf(spec.query) > nodesPerGroup * (maxQueryDepth + 1))
    throw new AppError('INVALID_INPUT', 'The query is nested too deeply.');
  return {
    ...spec,
    from: spec.from ?? Number.NEGATIVE_INFINITY,
    to: spec.to ?? Number.POSITIVE_INFINITY,
  };
}
