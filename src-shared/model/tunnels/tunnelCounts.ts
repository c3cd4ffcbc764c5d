import { z } from 'zod';
import { needsAttention, type Tone } from './tone.ts';
import { tunnelCodes, type TunnelCode } from './tunnelCodes.ts';

type CountedTunnel = { tone: Tone; code: TunnelCode };

/** Numbers of tunnels: red, amber, and unknown because their appliance doesn't answer. */
export const tunnelCountsSchema = z.object({ down: z.int(), attention: z.int(), unknown: z.int() });
export type TunnelCounts = z.infer<typeof tunnelCountsSchema>;

/** Whether the appliance doesn't answer, so that the state of its tunnels is unknown. */
export function isUnknown({ code }: Pick<CountedTunnel, 'code'>): boolean {
  const { layer, state } = tunnelCodes[code];
  return layer === 'reachable' && state !== 'ok';
}

/**
 * Counts tunnels by tone. All pages and commands must use this function, so that they show the same numbers.
 */
export function countTunnels(tunnels: readonly CountedTunnel[]): TunnelCounts {
  const counts = { down: 0, attention: 0, unknown: 0 };
  for (const tunnel of tunnels) {
    if (isUnknown(tunnel)) counts.unknown += 1;
    else if (tunnel.tone === 'bad') counts.down += 1;
    else if (needsAttention(tunnel.tone)) counts.attention += 1;
  }
  return counts;
}
