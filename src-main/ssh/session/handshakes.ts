import { createSlots, type Slots } from '../../../src-shared/base/slots.ts';

/** Handshakes at once over the whole console **[ours]**: a hundred at once were measurably slower on two cores. */
export const handshakeLimit = 16;

/** One for all sessions of a console; an attempt that waits for a person holds no slot. */
export function createHandshakes(): Slots {
  return createSlots(handshakeLimit);
}
