import { StandardRPCJsonSerializer } from '@orpc/client/standard';
import { z } from 'zod';
import { contract } from '../../src-shared/contract/index.ts';

/** Maximum length of a frame, characters. The longest call is a list of tenants to add. */
export const maxFrameLength = 1 << 20;
/** Limit of the transport, bytes. It is larger, so that a frame that is too long still gets an answer. */
export const maxFrameBytes = 3 * maxFrameLength;

const procedurePaths: ReadonlySet<string> = new Set(
  Object.entries(contract).flatMap(([domain, group]) =>
    Object.keys(group).map((name) => `/${domain}/${name}`),
  ),
);
const undefinedType = 3;
const id = z.string().min(1).max(64);

/**
 * The frames of oRPC's peer protocol that the page sends: calls and aborts. Headers, methods, streams and binary parts
 * are refused, because the decoder acts on them before any procedure runs.
 */
const frameSchema = z.union([
  z.strictObject({
    i: id,
    p: z.strictObject({
      u: z.string().refine((path) => procedurePaths.has(path), 'unknown procedure'),
      b: z
        .strictObject({
          json: z.unknown(),
          // Input is JSON, in which `undefined` is the only value that needs a mark.
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
/** The start of each frame of oRPC's client. */
const leadingId = /^\{"i":"([\w-]{1,64})"/u;
const serializer = new StandardRPCJsonSerializer();

const malformed = 'The request is malformed.';
const tooLong = `The request is longer than ${maxFrameLength} characters.`;

export type RequestFrame =
  | { kind: 'call' | 'abort'; id: string; text: string }
  /** `id` is null if the frame has no valid id. `problem` is a sentence. */
  | { kind: 'malformed'; id: string | null; problem: string };

/** Never throws. Accepts only frames that the handler can decode. */
export function readRequestFrame(data: unknown): RequestFrame {
  if (typeof data !== 'string') return { kind: 'malformed', id: null, problem: malformed };
  // Only the start is read, for the id: without an answer, the page would wait forever.
  if (data.length > maxFrameLength)
    return { kind: 'malformed', id: leadingId.exec(data)?.[1] ?? null, problem: tooLong };
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(data);
    const frame = frameSchema.parse(parsed);
    if ('t' in frame) return { kind: 'abort', id: frame.i, text: data };
    // The decoder checks whether each mark fits its value.
    serializer.deserialize(frame.p.b?.json, frame.p.b?.meta ?? []);
    return { kind: 'call', id: frame.i, text: data };
  } catch {
    return { kind: 'malformed', id: identifiedSchema.safeParse(parsed).data?.i ?? null, problem: malformed };
  }
}
