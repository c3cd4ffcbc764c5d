import { z } from 'zod';

/** 256 random bits: a one-time token, or the secret of a session. */
const secretSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/u);

/**
 * The first frame on each WebSocket of the web host. `session` exchanges a one-time token for the session's secret;
 * `calls` opens the contract on this socket; `token` asks for a one-time token for another tab; `activity` says that the
 * operator is there; `sign-out` ends the session in all its tabs.
 */
export const openingSchema = z.discriminatedUnion('want', [
  z.strictObject({ want: z.literal('session'), token: secretSchema }),
  z.strictObject({ want: z.literal(['calls', 'token', 'activity', 'sign-out']), secret: secretSchema }),
]);
export type Opening = z.infer<typeof openingSchema>;

/** The host's answer, its first frame: the secret for `session`, the token for `token`. */
export const openedSchema = z.strictObject({ given: secretSchema.nullable() });

/** Why the web host ends a socket for good, with the code that it closes the socket with. */
export const sessionEnds = {
  'token-refused': { closeCode: 4401 },
  'session-unknown': { closeCode: 4402 },
  'signed-out': { closeCode: 4403 },
  idle: { closeCode: 4404 },
} as const satisfies Record<string, { closeCode: number }>;
export type SessionEnd = keyof typeof sessionEnds;

/** How long an address may stay unused, minutes. */
export const tokenMinutes = 10;

/** A session ends after this time without input, unless the host is started with another limit; minutes **[ours]**. */
export const defaultIdleMinutes = 8 * 60;
