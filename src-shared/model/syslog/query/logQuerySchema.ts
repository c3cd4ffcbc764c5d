import { z } from 'zod';
import { severities } from '../syslogLine.ts';
import { maxQueryLength, maxRegexpLength, type FieldTest, type LogQuery } from './logQuery.ts';

const text = z.string().min(1).max(maxQueryLength);
const order = z.enum(['<=', '>=', '<', '>']);
const orderOrEqual = z.enum(['=', '<=', '>=', '<', '>']);
const field = z.literal('field');

const fieldTestSchema: z.ZodType<FieldTest> = z.union([
  z.object({
    kind: field,
    field: z.enum(['program', 'host', 'tenant', 'facility', 'appliance']),
    op: z.enum(['=', '~']),
    value: text,
  }),
  z.object({ kind: field, field: z.enum(['pid', 'port']), op: orderOrEqual, value: z.number() }),
  z.object({ kind: field, field: z.literal('severity'), op: orderOrEqual, value: z.enum(severities) }),
  z.object({ kind: field, field: z.literal('time'), op: order, value: z.number() }),
]);

/** A query tree that comes from another process. */
export const logQuerySchema: z.ZodType<LogQuery> = z.lazy(() =>
  z.union([
    z.object({ kind: z.literal('all') }),
    z.object({ kind: z.enum(['and', 'or']), nodes: z.array(logQuerySchema).min(1).max(maxQueryLength) }),
    z.object({ kind: z.literal('not'), node: logQuerySchema }),
    z.object({ kind: z.enum(['text', 'word']), text }),
    z.object({
      kind: z.literal('regexp'),
      source: z.string().min(1).max(maxRegexpLength),
      flags: z.enum(['', 'i']),
    }),
    fieldTestSchema,
  ]),
);
