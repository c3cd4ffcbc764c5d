import { needsAttention } from '../../src-shared/model/tunnels/tone.ts';
import { countTunnels } from '../../src-shared/model/tunnels/tunnelCounts.ts';
import { diagnoseTenant, type Tunnel } from '../../src-shared/model/tunnels/chain.ts';
import { staleAfterMs } from '../../src-shared/model/tunnels/observedLayers.ts';
import { diagnoseAppliance } from '../../src-shared/model/tunnels/health.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { emptySchedule, type LicenceSchedule } from '../../src-shared/model/licence/licenceWork.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import type { ProbeResult } from '../../src-shared/model/tunnels/probe.ts';
import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { createMemo } from '../../src-shared/base/memo.ts';
import {
  capacityCellCount,
  joinCells,
  type CapacityRuns,
} from '../../src-shared/model/tenants/capacityCells.ts';
import { countPorts, defaultQuota, firstPort } from '../../src-shared/model/tenants/ports.ts';
import { isOlderThan } from '../../src-shared/base/time.ts';
import type { ApplianceView } from '../../src-shared/contract/fleet.ts';
import type { TenantView } from '../../src-shared/contract/tenants.ts';
import type { Snapshot } from './observations.ts';

function failuresOf(snapshot: Snapshot) {
  return [snapshot.statusFailure, snapshot.remoteNetworksFailure, snapshot.licenceFailure].flatMap(
    (failure) => failure ?? [],
  );
}

/**
 * When the appliance last answered. An answer that can't be parsed counts; a command without output does not.
 */
function listAnswerTimes(snapshot: Snapshot): string[] {
  const unreadable = failuresOf(snapshot).filter(({ value }) => value.code === 'OUTPUT_UNPARSED');
  return [snapshot.status, snapshot.remoteNetworks, snapshot.licence, ...unreadable].flatMap(
    (observed) => observed?.observedAt ?? [],
  );
}

/**
 * The time of the health: the older of the times of status and tenants. Null until both have arrived, or one
 * has and the other has failed, because an appliance with only one of them is not OK yet.
 */
function evaluatedAt(snapshot: Snapshot): string | null {
  const { status, remoteNetworks } = snapshot;
  const failure = failuresOf(snapshot).at(0);
  const polled = [status, remoteNetworks].flatMap((observed) => observed?.observedAt ?? []);
  if (polled.length < 2 && failure === undefined) return null;
  return polled.sort().at(0) ?? failure?.observedAt ?? null;
}

export function isStale(snapshot: Snapshot, now: number): boolean {
  const at = evaluatedAt(snapshot);
  return at !== null && isOlderThan(at, staleAfterMs, now);
}

/**
 * How far the appliance's clock is ahead, in whole seconds. 0 if the difference is shorter than the answer
 * took to arrive.
 */
export function clockSkewMs(status: Snapshot['status']): number {
  if (status === undefined) return 0;
  const seconds = Math.round((Date.parse(status.value.clock.now) - Date.parse(status.observedAt)) / 1000);
  return Math.abs(seconds) < 3 ? 0 : seconds * 1000;
}

/** Whether this console has seen a session of the tenant after `sinceMs` (epoch ms). */
export type WasConnected = (tenant: { applianceId: string; clientId: string }, sinceMs: number) => boolean;

export function tenantViews(input: {
  entry: ApplianceEntry;
  link: LinkState;
  snapshot: Snapshot;
  probes: ReadonlyMap<number, ProbeResult>;
  maxProbeAgeMs?: number | undefined;
  reconnectedAt?: string | null | undefined;
  wasConnected?: WasConnected | undefined;
  servedBy?: ReadonlyMap<string, string> | undefined;
  now: number;
}): TenantView[] {
  const networks = input.snapshot.remoteNetworks;
  const { entry, wasConnected } = input;
  if (networks === undefined) return [];
  // The same for all tenants, so it is built once: a list may have thousands.
  const evidence: Omit<Parameters<typeof diagnoseTenant>[0], 'tenant'> = {
    applianceId: entry.id,
    link: input.link,
    observedAt: networks.observedAt,
    now: input.now,
    clockSkewMs: clockSkewMs(input.snapshot.status),
    probes: input.probes,
    tenants: networks.value.tenants,
    refusedLogIns: networks.value.refusedLogIns,
    applianceRefusals: networks.value.applianceRefusals ?? [],
    forwardingOff: networks.value.forwardingOff,
    ...(wasConnected === undefined
      ? {}
      : {
          wasConnected: (clientId, sinceMs) => wasConnected({ applianceId: entry.id, clientId }, sinceMs),
        }),
    ...(input.servedBy === undefined ? {} : { servedBy: input.servedBy }),
    ...(input.maxProbeAgeMs === undefined ? {} : { maxProbeAgeMs: input.maxProbeAgeMs }),
    reconnectedAt: input.reconnectedAt ?? null,
    applianceVersion: input.snapshot.status?.value.versions.appliance ?? null,
  };
  return networks.value.tenants.map((tenant) => ({
    applianceId: entry.id,
    applianceName: entry.name,
    observedAt: networks.observedAt,
    tenant,
    cluster: null,
    quotaBefore: null,
    tunnels: diagnoseTenant({ ...evidence, tenant }),
  }));
}

const cellOf = (port: number) => Math.floor((port - firstPort) / defaultQuota);
const shareOf = (ports: number) => Math.round(Math.min(1, ports / defaultQuota) * 100) / 100;

/**
 * Computes for each cell of ports which shares are allotted and listening. Uses the overlap of port ranges
 * with cells, because an appliance may list thousands of tenants with thousands of ports each.
 */
function computeCapacity(tenants: readonly Tenant[], tunnels: readonly Tunnel[]): CapacityRuns {
  const cells = Array.from({ length: capacityCellCount }, () => ({
    allotted: 0,
    listening: 0,
    bad: false,
  }));
  for (const tenant of tenants) {
    for (const { first, last } of tenant.ports)
      for (let at = Math.max(0, cellOf(first)); at <= cellOf(last); at += 1) {
        const cell = cells[at];
        if (cell === undefined) break;
        const cellFirst = firstPort + at * defaultQuota;
        const cellLast = cellFirst + defaultQuota - 1;
        cell.allotted += Math.min(last, cellLast) - Math.max(first, cellFirst) + 1;
      }
    for (const { port, listener } of tenant.forwards) {
      const cell = cells[cellOf(port)];
      if (cell !== undefined && listener !== null) cell.listening += 1;
    }
  }
  for (const { port, tone } of tunnels) {
    const cell = port === null ? undefined : cells[cellOf(port)];
    if (cell !== undefined && needsAttention(tone)) cell.bad = true;
  }
  const shares = cells.map(({ allotted, listening, bad }) => ({
    allotted: shareOf(allotted),
    listening: shareOf(listening),
    bad,
  }));
  return joinCells(shares);
}

/** The views of an appliance stay the same object while it only says that nothing has changed. */
const capacities = createMemo<readonly TenantView[], CapacityRuns>(new WeakMap());

function portsOf(tenants: readonly Tenant[]): NonNullable<ApplianceView['ports']> {
  let [allotted, listening] = [0, 0];
  for (const { ports, forwards } of tenants) {
    allotted += countPorts(ports);
    for (const { listener } of forwards) if (listener !== null) listening += 1;
  }
  return { allotted, listening };
}

function countedOf(views: readonly TenantView[]): ApplianceView['counted'] {
  return {
    tenants: views.length,
    withSession: views.filter(({ tenant }) => tenant.sessions.length > 0).length,
    ...portsOf(views.map(({ tenant }) => tenant)),
    tunnels: countTunnels(views.flatMap((view) => view.tunnels)),
  };
}

/**
 * Builds the view of one appliance for lists, pages and commands. Pure. The shared model evaluates all
 * states.
 */
export function applianceView(input: {
  entry: ApplianceEntry;
  link: LinkState;
  snapshot: Snapshot;
  /** The views of the appliance's tenants, built from the same link and answers. */
  views: readonly TenantView[];
  linesPerSecond: number | null;
  /**
   * The polling interval if it is longer than usual because of the appliance's answers; otherwise null.
   */
  slowedToMs?: number | null;
  /** Whether the merged list of its cluster takes the tenant from this appliance. By default always. */
  isListed?: (clientId: string) => boolean;
  schedule?: LicenceSchedule;
  now: number;
}): ApplianceView {
  const { entry, link, snapshot, isListed, now } = input;
  const tenants = snapshot.remoteNetworks?.value.tenants ?? null;
  const failure = failuresOf(snapshot).at(0);
  const tunnels = input.views.flatMap((view) => view.tunnels);
  return {
    entry,
    link,
    health: diagnoseAppliance({
      link,
      observedAt: evaluatedAt(snapshot),
      status: snapshot.status?.value ?? null,
      statusSeenAt: snapshot.status?.observedAt ?? null,
      licence: snapshot.licence?.value ?? null,
      failure: failure?.value ?? null,
      slowedToMs: input.slowedToMs ?? null,
      tunnels,
      now,
    }),
    status: snapshot.status ?? null,
    licence: snapshot.licence ?? null,
    schedule: input.schedule ?? emptySchedule,
    unparsed: failure ?? null,
    tenants:
      tenants === null
        ? null
        : {
            total: tenants.length,
            withSession: tenants.filter((tenant) => tenant.sessions.length > 0).length,
            suspended: tenants.filter((tenant) => tenant.suspended).length,
          },
    ports: tenants === null ? null : portsOf(tenants),
    capacity:
      tenants === null ? null : capacities.get(input.views, [], () => computeCapacity(tenants, tunnels)),
    tunnels: countTunnels(tunnels),
    counted: countedOf(
      isListed === undefined ? input.views : input.views.filter(({ tenant }) => isListed(tenant.clientId)),
    ),
    syslog: input.linesPerSecond === null ? null : { linesPerSecond: input.linesPerSecond },
    observedAt: listAnswerTimes(snapshot).sort().at(-1) ?? null,
  };
}
