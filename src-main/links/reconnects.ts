import type { Links } from './links.ts';

/**
 * Remembers when the link of each appliance came up again. What was seen before that does not describe the
 * present, because nothing was watched during the interruption.
 */
export function createReconnects(links: Pick<Links, 'onChange' | 'onRemoved'>) {
  const connectedBefore = new Set<string>();
  const reconnectedAt = new Map<string, string>();
  const last = new Map<string, string>();

  const stops = [
    links.onChange((id, link) => {
      if (link.state !== 'connected') {
        last.delete(id);
        return;
      }
      // Each answer changes the state's latency, but only a new connection changes `since`.
      if (last.get(id) === link.since) return;
      last.set(id, link.since);
      if (connectedBefore.has(id)) reconnectedAt.set(id, link.since);
      else connectedBefore.add(id);
    }),
    links.onRemoved((id) => {
      connectedBefore.delete(id);
      reconnectedAt.delete(id);
      last.delete(id);
    }),
  ];

  return {
    /** When the link came up again. Null if it came up only once since the console started. */
    at: (applianceId: string): string | null => reconnectedAt.get(applianceId) ?? null,
    close: (): void => {
      for (const stop of stops) stop();
    },
  };
}
