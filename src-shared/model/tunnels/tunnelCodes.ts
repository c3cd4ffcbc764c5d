import { z } from 'zod';
import { forwardCodes } from './tunnelCodes/forward.ts';
import { keyCodes } from './tunnelCodes/key.ts';
import { listenerCodes } from './tunnelCodes/listener.ts';
import { reachableCodes } from './tunnelCodes/reachable.ts';
import { serviceCodes } from './tunnelCodes/service.ts';
import { sessionCodes } from './tunnelCodes/session.ts';
import type { LayerState, TunnelCodeFacts } from './tunnelCodes/tunnelCode.ts';
import type { Tone } from './tone.ts';

const codes = {
  ...reachableCodes,
  ...keyCodes,
  ...sessionCodes,
  ...listenerCodes,
  ...forwardCodes,
  ...serviceCodes,
};
export type TunnelCode = keyof typeof codes;

/**
 * Facts about all stable codes `T-<layer>xxx` **[ours]**. `docs/tunnel-codes.md` is generated from this
 * table.
 */
export const tunnelCodes: Readonly<Record<TunnelCode, TunnelCodeFacts>> = codes;

export const tunnelCodeSchema = z.custom<TunnelCode>(
  (value) => typeof value === 'string' && Object.hasOwn(codes, value),
);

const toneOfState: Record<LayerState, Tone> = { ok: 'ok', warn: 'warn', fail: 'bad', unknown: 'unknown' };

/**
 * The tone of a tunnel with this code. `state` is its layer's present state, which may differ from the code's
 * default.
 */
export function toneOf(code: TunnelCode, state: LayerState = tunnelCodes[code].state): Tone {
  const facts = tunnelCodes[code];
  return state === facts.state ? (facts.tone ?? toneOfState[state]) : toneOfState[state];
}
