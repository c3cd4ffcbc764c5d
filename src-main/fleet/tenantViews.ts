import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { staleAfterMs } from '../../src-shared/model/tunnels/observedLayers.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import { defaultProbing, probeGoodForMs, type ProbeResult } from '../../src-shared/model/tunnels/probe.ts';
import { isOlderThan, secondMs } from '../../src-shared/base/time.ts';
import type { Snapshot } from './observations.ts';
import { clockSkewMs, tenantViews, type WasConnected } from './view.ts';
import { createMemo } from '../../src-shared/base/memo.ts';

/** Durations and latencies in views may be out of date by this much. */
const maxUseMs = 5 * secondMs;

/** The tenants of one appliance, each with the state of its tunnels. The same object as long as nothing changed. */
export type TenantViews = {
  /** The list is recent and the link is up, so a tenant that is not listed does not exist. */
  isFresh: boolean;
  /** When the tenants were listed, epoch ms; null if they never were. */
  observedAtMs: number | null;
  views: readonly TenantView[];
};

type Evidence = { entry: ApplianceEntry; link: LinkState; snapshot: Snapshot };
type Timed = { current: TenantViews; from: number; until: number };

/** When the next probe result expires, epoch ms. Its tunnel must not stay green until the views are rebuilt. */
function nextExpiry(probes: ReadonlyMap<number, ProbeResult>, goodForMs: number, now: number): number {
  let next = Infinity;
  for (const { at } of probes.values()) {
    const expiresAt = Date.parse(at) + goodForMs + 1;
    if (expiresAt > now && expiresAt < next) next = expiresAt;
  }
  return next;
}

function diagnoseTenants(
  input: Evidence & {
    probes: ReadonlyMap<number, ProbeResult>;
    goodForMs: number;
    wasConnected: WasConnected | undefined;
    now: number;
  },
): Timed {
  const { link, probes, goodForMs, now } = input;
  const { remoteNetworks } = input.snapshot;
  const observedAtMs = remoteNetworks === undefined ? null : Date.parse(remoteNetworks.observedAt);
  const isRecent = remoteNetworks !== undefined && !isOlderThan(remoteNetworks.observedAt, staleAfterMs, now);
  const staleAt = isRecent && observedAtMs !== null ? observedAtMs + staleAfterMs + 1 : Infinity;
  return {
    current: {
      isFresh: isRecent && link.state === 'connected',
      observedAtMs,
      views: tenantViews({ ...input, probeGoodForMs: goodForMs }),
    },
    from: now,
    until: Math.min(now + maxUseMs, staleAt, nextExpiry(probes, goodForMs, now)),
  };
}

/**
 * Views are built once per answer, not per request: thousands of tunnels are requested several times a second. They are
 * rebuilt when an answer, a probe or the link changes, and before they could go stale.
 */
export function createTenantViews(options: {
  /** `forget` must be called after results are added to the same map. */
  probes: (applianceId: string) => ReadonlyMap<number, ProbeResult>;
  /** How long a probe's result counts. */
  probeGoodForMs?: (() => number) | undefined;
  wasConnected?: WasConnected | undefined;
  clock: () => number;
}) {
  const memo = createMemo<string, Timed>();

  return {
    of: ({ entry, link, snapshot }: Evidence): TenantViews => {
      const now = options.clock();
      const { status, remoteNetworks } = snapshot;
      const probes = options.probes(entry.id);
      const goodForMs = options.probeGoodForMs?.() ?? probeGoodForMs(defaultProbing);
      // The status arrives separately, so only the parts that a diagnosis uses count.
      const causes = [
        entry.name,
        // Each answer changes the link's latency and its last sign of life, which no diagnosis uses.
        link.state === 'connected' ? link.since : link,
        remoteNetworks,
        clockSkewMs(status),
        status?.value.versions.appliance,
        probes,
        goodForMs,
      ];
      const { wasConnected } = options;
      const make = () => diagnoseTenants({ entry, link, snapshot, probes, goodForMs, wasConnected, now });
      const kept = memo.get(entry.id, causes, make);
      if (kept.from <= now && now < kept.until) return kept.current;
      memo.forget(entry.id);
      return memo.get(entry.id, causes, make).current;
    },
    /** The appliance has new probes, or was removed. */
    forget: memo.forget,
  };
}
