import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { staleAfterMs } from '../../src-shared/model/tunnels/observedLayers.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import { defaultProbing, probeGoodForMs, type ProbeResult } from '../../src-shared/model/tunnels/probe.ts';
import { isOlderThan, secondMs } from '../../src-shared/base/time.ts';
import type { Snapshot } from './observations.ts';
import { clockSkewMs, tenantViews } from './view.ts';
import { createMemo } from '../../src-shared/base/memo.ts';

/** What evidence says of durations and latency may lag this far behind. */
const maxUseMs = 5 * secondMs;

/** The tenants of one appliance with their verdicts, as it tells them. The same object as long as nothing changed. */
export type TenantViews = {
  /** Recent, and the link is up: what is not listed is not there. */
  isFresh: boolean;
  /** When the tenants were listed, epoch ms; null where they never were. */
  observedAtMs: number | null;
  views: readonly TenantView[];
};

type Evidence = { entry: ApplianceEntry; link: LinkState; snapshot: Snapshot };
type Timed = { judged: TenantViews; from: number; until: number };

export type Verdicts = {
  of: (evidence: Evidence) => TenantViews;
  /** Its probes are new, or it is gone. */
  forget: (applianceId: string) => void;
};

/** When the next of these counts no more: it must not stay green for the rest of the five seconds. Epoch ms. */
function nextFading(probes: ReadonlyMap<number, ProbeResult>, goodForMs: number, now: number): number {
  let next = Infinity;
  for (const { at } of probes.values()) {
    const fades = Date.parse(at) + goodForMs + 1;
    if (fades > now && fades < next) next = fades;
  }
  return next;
}

function judge(
  input: Evidence & { probes: ReadonlyMap<number, ProbeResult>; goodForMs: number; now: number },
): Timed {
  const { link, probes, goodForMs, now } = input;
  const { remoteNetworks } = input.snapshot;
  const observedAtMs = remoteNetworks === undefined ? null : Date.parse(remoteNetworks.observedAt);
  const isRecent = remoteNetworks !== undefined && !isOlderThan(remoteNetworks.observedAt, staleAfterMs, now);
  const staleAt = isRecent && observedAtMs !== null ? observedAtMs + staleAfterMs + 1 : Infinity;
  return {
    judged: {
      isFresh: isRecent && link.state === 'connected',
      observedAtMs,
      views: tenantViews({ ...input, probeGoodForMs: goodForMs }),
    },
    from: now,
    until: Math.min(now + maxUseMs, staleAt, nextFading(probes, goodForMs, now)),
  };
}

/**
 * Verdicts are made once an answer, not once a question: thousands of tunnels are asked for several times a second.
 * They are rebuilt when an answer, a probe or the link changes, and before they could go stale.
 */
export function createTenantViews(options: {
  /** Results may be put into the same map: then `forget` has to say so. */
  probes: (applianceId: string) => ReadonlyMap<number, ProbeResult>;
  /** How long a probe's result counts. */
  probeGoodForMs?: (() => number) | undefined;
  clock: () => number;
}): Verdicts {
  const memo = createMemo<string, Timed>();

  return {
    of: ({ entry, link, snapshot }) => {
      const now = options.clock();
      const { status, remoteNetworks } = snapshot;
      const probes = options.probes(entry.id);
      const goodForMs = options.probeGoodForMs?.() ?? probeGoodForMs(defaultProbing);
      // Of the status, which comes apart from the tenants, only what a verdict takes from it.
      const causes = [
        entry.name,
        // Each answer is heard over the link, and tells a latency: neither changes a verdict.
        link.state === 'connected' ? link.since : link,
        remoteNetworks,
        clockSkewMs(status),
        status?.value.versions.appliance,
        probes,
        goodForMs,
      ];
      const make = () => judge({ entry, link, snapshot, probes, goodForMs, now });
      const kept = memo.get(entry.id, causes, make);
      if (kept.from <= now && now < kept.until) return kept.judged;
      memo.forget(entry.id);
      return memo.get(entry.id, causes, make).judged;
    },
    forget: memo.forget,
  };
}
