import { createSlots, type Slots } from '../../../src-shared/base/slots.ts';

/**
 * Maximum number of handshakes at the same time, in the whole console **[ours]**. A hundred at once were
 * measurably slower on two cores.
 */
export const maxHandshakes = 16;

/**
 * Creates the slots for handshakes, which all sessions of a console share. An attempt that waits for the user
 * has no slot.
 */
export function createHandshakes(): Slots {
  return createSlots(maxHandshakes);
}
