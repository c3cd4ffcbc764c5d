import { z } from 'zod';
import { errorDataSchema } from '../../../../src-shared/errors.ts';
import type { UnitCount, UnitPage, Wanted } from '../search/scanner.ts';
import type { SearchSpec } from '../search/searchSpec.ts';
import type { Unit } from '../search/units.ts';

/** What a scan thread is asked. `open` and `close` have no reply. */
export const scanRequestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open'), search: z.string(), spec: z.custom<SearchSpec>() }),
  z.object({ kind: z.literal('close'), search: z.string() }),
  z.object({
    kind: z.literal('page'),
    id: z.int(),
    search: z.string(),
    unit: z.custom<Unit>(),
    limit: z.int(),
  }),
  z.object({
    kind: z.literal('count'),
    id: z.int(),
    search: z.string(),
    units: z.custom<Unit[]>(),
    wanted: z.custom<Wanted>(),
  }),
]);
export type ScanRequest = z.infer<typeof scanRequestSchema>;

export const scanReplySchema = z.union([
  z.object({ isReady: z.literal(true) }),
  z.object({ id: z.int(), page: z.custom<UnitPage>((value) => value !== undefined) }),
  z.object({ id: z.int(), count: z.custom<UnitCount>((value) => value !== undefined) }),
  z.object({ id: z.int(), error: errorDataSchema }),
]);
export type ScanReply = Exclude<z.infer<typeof scanReplySchema>, { isReady: true }>;
