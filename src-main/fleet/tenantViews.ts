import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { isFreshAnswer, staleAfterMs } from '../../src-shared/model/tunnels/observedLayers.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import { defaultProbing, maxProbeAgeMs, type ProbeResult } from '../../src-shared/model/tunnels/probe.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import type { Snapshot } from './observations.ts';
import { clockSkewMs, tenantViews, type WasConnected } from './view.ts';
import { createMemo } from '../../src-shared/base/memo.ts';

/** Durations, latencies and times of answers in a view are at most this old, because pages get them as seldom. */
const maxViewAgeMs = 8 * secondMs;

/**
 * The tenants of one appliance with the states of their tunnels. The same object until something changes.
 */
export type TenantViews = {
  /**
   * True if the list came over the present link and is recent. A tenant that is not listed does not exist
   * then.
   */
  isFresh: boolean;
  views: readonly TenantView[];
};

type Evidence = {
  entry: ApplianceEntry;
  link: LinkState;
  snapshot: Snapshot;
  /** From `createServedBy`, which returns the same map until its content changes. */
  servedBy?: ReadonlyMap<string, string>;
};
type Timed = { current: TenantViews; from: number; until: number };

/**
 * When the next probe result expires, epoch ms. The views must be rebuilt then, so that its tunnel does not
 * stay green.
 */
function nextExpiry(probes: ReadonlyMap<number, ProbeResult>, maxAgeMs: number, now: number): number {
  let next = Infinity;
  for (const { at } of probes.values()) {
    const expiresAt = Date.parse(at) + maxAgeMs + 1;
    if (expiresAt > now && expiresAt < next) next = expiresAt;
  }
  return next;
}

function diagnoseTenants(
  input: Evidence & {
    probes: ReadonlyMap<number, ProbeResult>;
    maxAgeMs: number;
    reconnectedAt: string | null;
    wasConnected: WasConnected | undefined;
    now: number;
  },
): Timed {
  const { link, probes, maxAgeMs, now } = input;
  const { remoteNetworks } = input.snapshot;
  const isFresh = remoteNetworks !== undefined && isFreshAnswer(link, remoteNetworks.observedAt, now);
  const staleAt = isFresh ? Date.parse(remoteNetworks.observedAt) + staleAfterMs + 1 : Infinity;
  return {
    current: {
      isFresh,
      views: tenantViews({ ...input, maxProbeAgeMs: maxAgeMs }),
    },
    from: now,
    until: Math.min(now + maxViewAgeMs, staleAt, nextExpiry(probes, maxAgeMs, now)),
  };
}

/**
 * Builds the views once per answer, because pages request thousands of tunnels several times a second.
 * Rebuilds them when an answer, a probe result or the link changes, and when a value in them expires.
 */
export function createTenantViews(options: {
  /** If it returns the same map with changed results, the caller must call `forget`. */
  probes: (applianceId: string) => ReadonlyMap<number, ProbeResult>;
  /** How long a probe result is valid, in milliseconds. */
  maxProbeAgeMs?: (() => number) | undefined;
  /** When the link came up again. Null if it came up only once. Earlier probe results are not valid. */
  reconnectedAt?: ((applianceId: string) => string | null) | undefined;
  wasConnected?: WasConnected | undefined;
  clock: () => number;
}) {
  const memo = createMemo<string, Timed>();

  return {
    of: ({ entry, link, snapshot, servedBy }: Evidence): TenantViews => {
      const now = options.clock();
      const { status, remoteNetworks } = snapshot;
      const probes = options.probes(entry.id);
      const maxAgeMs = options.maxProbeAgeMs?.() ?? maxProbeAgeMs(defaultProbing);
      const reconnectedAt = options.reconnectedAt?.(entry.id) ?? null;
      // Rebuild the views only if one of these changes. The status contains other values, which no diagnosis
      // uses.
      const causes = [
        entry.name,
        // Each answer changes the latency and the time of the last answer in the link's state, which no
        // diagnosis uses.
        link.state === 'connected' ? link.since : link,
        // The appliance says every few seconds that its list still holds, and only the time is new.
        remoteNetworks?.value,
        remoteNetworks !== undefined && isFreshAnswer(link, remoteNetworks.observedAt, now),
        clockSkewMs(status),
        status?.value.versions.appliance,
        probes,
        maxAgeMs,
        reconnectedAt,
        servedBy,
      ];
      const { wasConnected } = options;
      const evidence = { entry, link, snapshot, ...(servedBy === undefined ? {} : { servedBy }) };
      const make = () => diagnoseTenants({ ...evidence, probes, maxAgeMs, reconnectedAt, wasConnected, now });
      const kept = memo.get(entry.id, causes, make);
      if (kept.from <= now && now < kept.until) return kept.current;
      memo.forget(entry.id);
      return memo.get(entry.id, causes, make).current;
    },
    /** Deletes the cached views, because the appliance has new probe results or was removed. */
    forget: memo.forget,
  };
}
