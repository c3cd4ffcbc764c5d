import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { ApplianceEntry } from '../../src-shared/model/applianceEntry.ts';
import { staleAfterMs } from '../../src-shared/model/chain.ts';
import { mergeCluster } from '../../src-shared/model/cluster.ts';
import type { LinkState } from '../../src-shared/model/link.ts';
import { isOlderThan } from '../../src-shared/model/time.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Links } from '../fleet/links.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Prober } from '../probe/prober.ts';

/** What evidence says of durations may lag this far behind. */
const longestUseMs = 5_000;

/** The tenants of one appliance with their verdicts. The same object as long as nothing changed. */
export type JudgedAppliance = {
  entry: ApplianceEntry;
  /** Recent, and the link is up: what is not listed is not there. */
  isFresh: boolean;
  /** When the tenants were listed, epoch ms; null where they never were. */
  observedAtMs: number | null;
  views: TenantView[];
};

type Cached = { appliance: JudgedAppliance; link: LinkState; from: number; until: number };

export type Judged = {
  appliance: (entry: ApplianceEntry) => JudgedAppliance;
  /** Every tenant, those of a cluster once; the same array as long as nothing changed. */
  all: () => TenantView[];
  /** As one appliance tells it, with what the others of its cluster tell. Throws NOT_FOUND. */
  one: (applianceId: string) => TenantView[];
  close: () => void;
};

/**
 * Verdicts are made once an answer, not once a question: thousands of tunnels are asked for several times a second.
 * They are made anew when an answer, a probe or the link is new, and before they could be too old.
 */
export function createJudged(options: {
  inventory: Inventory;
  links: Pick<Links, 'state'>;
  fleet: Pick<Fleet, 'tenants' | 'remoteNetworks' | 'onObserved'>;
  prober: Pick<Prober, 'onResults'>;
  quotaBefore: (applianceId: string, clientId: string) => number | null;
  clock: () => number;
}): Judged {
  const { inventory, links, fleet, clock } = options;
  const cache = new Map<string, Cached>();
  let merged: { from: readonly JudgedAppliance[]; views: TenantView[] } = { from: [], views: [] };
  const forget = (id: string) => void cache.delete(id);
  const stops = [
    fleet.onObserved(forget),
    options.prober.onResults(forget),
    inventory.onChange(() => cache.clear()),
  ];

  function judge(entry: ApplianceEntry, link: LinkState, now: number): Cached {
    const observed = fleet.remoteNetworks(entry.id);
    const observedAt = observed?.observedAt ?? null;
    const isRecent = observedAt !== null && !isOlderThan(observedAt, staleAfterMs, now);
    const turns = isRecent ? Date.parse(observedAt) + staleAfterMs + 1 : Number.POSITIVE_INFINITY;
    const views = fleet
      .tenants(entry.id)
      .map((view) =>
        view.tenant.suspended
          ? { ...view, quotaBefore: options.quotaBefore(entry.id, view.tenant.clientId) }
          : view,
      );
    return {
      appliance: {
        entry,
        isFresh: isRecent && link.state === 'connected',
        observedAtMs: observedAt === null ? null : Date.parse(observedAt),
        views,
      },
      link,
      from: now,
      until: Math.min(now + longestUseMs, turns),
    };
  }

  function appliance(entry: ApplianceEntry): JudgedAppliance {
    const now = clock();
    const link = links.state(entry.id);
    const known = cache.get(entry.id);
    if (known !== undefined && known.link === link && known.from <= now && now < known.until)
      return known.appliance;
    const made = judge(entry, link, now);
    cache.set(entry.id, made);
    return made.appliance;
  }

  const clustered = (appliances: readonly JudgedAppliance[], name: string) =>
    mergeCluster({
      name,
      members: appliances.map((one) => ({
        applianceId: one.entry.id,
        applianceName: one.entry.name,
        isFresh: one.isFresh,
        views: one.views,
      })),
    });

  return {
    appliance,
    all: () => {
      const from = inventory.list().map(appliance);
      const isSame = from.length === merged.from.length && from.every((one, at) => one === merged.from[at]);
      if (isSame) return merged.views;
      const alone = from.filter((one) => one.entry.cluster === '').flatMap((one) => one.views);
      const names = new Set(from.map((one) => one.entry.cluster).filter((name) => name !== ''));
      const inClusters = [...names].flatMap((name) =>
        clustered(
          from.filter((one) => one.entry.cluster === name),
          name,
        ).map(({ view, cluster }) => ({ ...view, cluster })),
      );
      merged = { from, views: [...alone, ...inClusters].sort(byPlace) };
      return merged.views;
    },
    one: (applianceId) => {
      const entry = inventory.get(applianceId);
      const { views } = appliance(entry);
      if (entry.cluster === '') return views;
      const members = inventory.list().filter((one) => one.cluster === entry.cluster);
      const clusters = new Map(
        clustered(members.map(appliance), entry.cluster).map(({ view, cluster }) => [
          view.tenant.clientId,
          cluster,
        ]),
      );
      return views.map((view) => ({ ...view, cluster: clusters.get(view.tenant.clientId) ?? null }));
    },
    close: () => {
      for (const stop of stops) stop();
    },
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function byPlace(a: TenantView, b: TenantView): number {
  return compare(a.applianceName, b.applianceName) || compare(a.tenant.clientId, b.tenant.clientId);
}
