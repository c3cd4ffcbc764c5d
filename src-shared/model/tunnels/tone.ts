import { z } from 'zod';

/** The colour of a tunnel. `off`: suspended on purpose. `unknown`: never seen, or not seen recently. */
export const toneSchema = z.enum(['ok', 'warn', 'bad', 'off', 'unknown']);
export type Tone = z.infer<typeof toneSchema>;

/** The colour of each tone on a terminal. The word beside it says the same, because colour alone is not accessible. */
export const toneColours = {
  ok: 'green',
  warn: 'yellow',
  bad: 'red',
  off: 'gray',
  unknown: 'gray',
} as const satisfies Record<Tone, string>;

/** The smaller the number, the more urgent. */
export const urgency: Record<Tone, number> = { bad: 0, warn: 1, unknown: 2, off: 3, ok: 4 };

/** Whether the tone is red or amber. No other code defines "needs attention". */
export function needsAttention(tone: Tone): tone is 'bad' | 'warn' {
  return tone === 'bad' || tone === 'warn';
}

/** The most urgent tunnel; the first of them if several are equally urgent. */
export function worstTunnel<Item extends { tone: Tone }>(tunnels: readonly Item[]): Item | undefined {
  const [worst] = tunnels.toSorted((a, b) => urgency[a.tone] - urgency[b.tone]);
  return worst;
}
