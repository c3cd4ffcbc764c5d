import { StandardRPCJsonSerializer } from '@orpc/client/standard';
import { z } from 'zod';
import { contract } from '../../src-shared/contract/index.ts';

/** Maximum length of a frame in characters. The longest call adds a list of tenants. */
export const maxFrameLength = 1 << 20;
/**
 * The transport accepts larger frames (size in bytes), so that a frame that is too long still gets an error
 * as answer.
 */
export const maxFrameBytes = 3 * maxFrameLength;

const procedurePaths: ReadonlySet<string> = new Set(
  Object.entries(contract).flatMap(([domain, group]) =>
    Object.keys(group).map((name) => `/${domain}/${name}`),
  ),
);
const undefinedType = 3;
const id = z.string().min(1).max(64);

/**
 * The oRPC frames that the page may send: calls and aborts. Headers, methods, streams and binary parts are
 * refused, because the decoder would act on them before any procedure runs.
 */
const frameSchema = z.union([
  z.strictObject({
    i: id,
    p: z.strictObject({
      u: z.string().refine((path) => procedurePaths.has(path), 'unknown procedure'),
      b: z
        .strictObject({
          json: z.unknown(),
          // Input is JSON. Only `undefined` needs a type annotation, because JSON has no such value.
          meta: z
            .array(z.tuple([z.literal(undefinedType)], z.union([z.string(), z.int().nonnegative()])))
            .max(64)
            .optional(),
        })
        .optional(),
    }),
  }),
  z.strictObject({ i: id, t: z.literal(4) }),
]);
const identifiedSchema = z.object({ i: id });
/** Matches the ID at the start of each frame of oRPC's client. */
const leadingId = /^\{"i":"([\w-]{1,64})"/u;
const serializer = new StandardRPCJsonSerializer();

const malformed = 'The request is malformed.';
const tooLong = `The request is longer than ${maxFrameLength} characters.`;

export type RequestFrame =
  | { kind: 'call' | 'abort'; id: string; text: string }
  /** `id` is null if the frame has no valid ID. `problem` is a sentence for the page. */
  | { kind: 'malformed'; id: string | null; problem: string };

/** Never throws. Accepts only frames that the handler can decode. */
export function readRequestFrame(data: unknown): RequestFrame {
  if (typeof data !== 'string') return { kind: 'malformed', id: null, problem: malformed };
  // The frame is too long to parse. Read only its ID, so that the page gets an answer and does not wait
  // forever.
  if (data.length > maxFrameLength)
    return { kind: 'malformed', id: leadingId.exec(data)?.[1] ?? null, problem: tooLong };
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(data);
    const frame = frameSchema.parse(parsed);
    if ('t' in frame) return { kind: 'abort', id: frame.i, text: data };
    // Throws if a type annotation in `meta` does not fit its value.
    serializer.deserialize(frame.p.b?.json, frame.p.b?.meta ?? []);
    return { kind: 'call', id: frame.i, text: data };
  } catch {
    return { kind: 'malformed', id: identifiedSchema.safeParse(parsed).data?.i ?? null, problem: malformed };
  }
}
