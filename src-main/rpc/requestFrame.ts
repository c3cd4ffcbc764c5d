import { z } from 'zod';

const id = z.string().max(64);
/** The frames of oRPC's peer protocol that a page may send: a call, an item of a stream, an abort. */
const frameSchema = z.union([
  z.object({
    i: id,
    t: z.literal(1).optional(),
    p: z.object({
      u: z.string().startsWith('/').max(256),
      h: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
      m: z.literal(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
    }),
  }),
  z.object({ i: id, t: z.literal(3), p: z.object({ e: z.literal(['message', 'error', 'done']) }) }),
  z.object({ i: id, t: z.literal(4) }),
]);

/**
 * True for a frame that the handler can take. It would throw on others outside any call, where on a MessagePort nobody
 * catches: one malformed frame must not end the console.
 */
export function isRequestFrame(data: unknown): boolean {
  if (typeof data !== 'string') return false;
  try {
    return frameSchema.safeParse(JSON.parse(data)).success;
  } catch {
    return false;
  }
}
