import { z } from 'zod';

/** 256 random bits: a one-time token, or the secret of a session. */
const secretSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/u);

/**
 * The first frame on each WebSocket. `session` exchanges a one-time token for the session secret, `calls` opens the
 * contract, `token` requests a token for another tab, `activity` reports user input, `sign-out` ends the session.
 */
export const openingFrameSchema = z.discriminatedUnion('want', [
  z.strictObject({ want: z.literal('session'), token: secretSchema }),
  z.strictObject({ want: z.literal(['calls', 'token', 'activity', 'sign-out']), secret: secretSchema }),
]);
export type OpeningFrame = z.infer<typeof openingFrameSchema>;

/**
 * The host's first frame. `given` is the secret for `session`, the token for `token`, and null otherwise.
 */
export const openingReplySchema = z.strictObject({ given: secretSchema.nullable() });

/** Why the web host closes a socket for good, with the close code of each reason. */
export const sessionEndReasons = {
  'token-refused': { closeCode: 4401 },
  'session-unknown': { closeCode: 4402 },
  'signed-out': { closeCode: 4403 },
  idle: { closeCode: 4404 },
} as const satisfies Record<string, { closeCode: number }>;
export type SessionEndReason = keyof typeof sessionEndReasons;

/** Minutes for which an unused address with a one-time token is valid. */
export const tokenMinutes = 10;

/** Default minutes without input after which a session ends **[ours]**. */
export const defaultIdleMinutes = 8 * 60;
