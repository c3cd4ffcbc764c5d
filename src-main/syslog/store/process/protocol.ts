import { z } from 'zod';
import { errorDataSchema } from '../../../../src-shared/errors.ts';
import { lineKeySchema } from '../../../../src-shared/model/syslog/keptLine.ts';
import { searchSpecSchema } from '../search/searchSpec.ts';
import { logBatchSchema, logGapSchema } from '../write/logWriter.ts';
import { keepLimitsSchema } from '../write/prune.ts';
import { sourceFactsSchema } from '../write/sources.ts';
import type { LogEngine } from './engine.ts';

/**
 * `full`: new lines can't be kept because the disk is full, and are only shown. `elsewhere`: another process keeps the logs of
 * this data folder; this one can search them.
 */
export const logStoreStates = ['keeping', 'full', 'elsewhere'] as const;
export type LogStoreState = (typeof logStoreStates)[number];

const search = z.object({ id: z.string() });

/** The calls of the engine's process, with what each is given. */
export const engineCallSchemas = {
  listSources: z.object({ applianceId: z.string() }),
  append: logBatchSchema,
  addGap: z.object({ gap: logGapSchema, source: sourceFactsSchema.nullable() }),
  removeGaps: z.object({ applianceId: z.string(), ids: z.array(z.string()).max(10_000) }),
  setLimits: z.record(z.string(), keepLimitsSchema),
  openSearch: searchSpecSchema,
  searchPage: z.object({ id: z.string(), cursor: lineKeySchema.nullable(), limit: z.int().positive() }),
  searchContext: z.object({
    source: z.int(),
    line: z.int(),
    before: z.int().nonnegative(),
    after: z.int().nonnegative(),
  }),
  listGaps: z.object({ applianceIds: z.array(z.string()) }),
  readUsage: z.object({ applianceId: z.string() }),
  removedUntil: search,
  cancelSearch: search,
  readState: z.object({}),
  close: z.object({}),
} satisfies Partial<Record<keyof LogEngine, z.ZodType>>;
export type EngineCall = keyof typeof engineCallSchemas;
export const isEngineCall = (name: string): name is EngineCall => Object.hasOwn(engineCallSchemas, name);

export const progressSchema = z.object({
  id: z.string(),
  bars: z.int().min(0).max(1000),
  reportMs: z.int().min(10),
  hasFacets: z.boolean().optional(),
});

/** `progress` is answered with several parts, then with an empty result. */
export const engineRequestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), id: z.int(), name: z.string(), input: z.unknown() }),
  z.object({ kind: z.literal('progress'), id: z.int(), input: progressSchema }),
]);
export type EngineRequest = z.infer<typeof engineRequestSchema>;

export const engineMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('failed'), error: errorDataSchema }),
  z.object({ kind: z.literal('state'), state: z.enum(logStoreStates) }),
  z.object({ kind: z.literal('part'), id: z.int(), part: z.unknown() }),
  z.object({ kind: z.literal('result'), id: z.int(), result: z.unknown() }),
  z.object({ kind: z.literal('error'), id: z.int(), error: errorDataSchema }),
]);
export type EngineMessage = z.infer<typeof engineMessageSchema>;

/**
 * A way to the engine's process, such as Node's `fork` or Electron's utility process. Messages are structured clones, so
 * that bytes travel as bytes.
 */
export type EngineChannel = {
  send: (message: EngineRequest) => void;
  onMessage: (listener: (message: unknown) => void) => void;
  /** Called once, when the process ended for any reason. */
  onExit: (listener: () => void) => void;
  kill: () => void;
};
