import type { Tunnel } from './chain.ts';

/** The most urgent is the smallest. */
export const urgency: Record<Tunnel['tone'], number> = { bad: 0, warn: 1, unknown: 2, off: 3, ok: 4 };

/** Of those alike the first. */
export function worstTunnel<Some extends Pick<Tunnel, 'tone'>>(tunnels: readonly Some[]): Some | undefined {
  const [worst] = tunnels.toSorted((a, b) => urgency[a.tone] - urgency[b.tone]);
  return worst;
}

export function isTroubled({ tone }: Pick<Tunnel, 'tone'>): boolean {
  return tone === 'bad' || tone === 'warn';
}
