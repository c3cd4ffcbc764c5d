import { createSlots, type Slots } from '../../../src-shared/base/slots.ts';

/**
 * Maximum number of simultaneous handshakes in the whole console **[ours]**: a hundred at once were measurably slower
 * on two cores.
 */
export const handshakeLimit = 16;

/** Shared by all sessions of a console. An attempt that waits for the user holds no slot. */
export function createHandshakes(): Slots {
  return createSlots(handshakeLimit);
}
