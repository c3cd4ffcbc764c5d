import { isBeforeReconnect } from '../../../src-shared/model/tunnels/probeLayers.ts';
import type { Tenant } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import type { ProbeResult, Probing } from '../../../src-shared/model/tunnels/probe.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { callEvery } from '../../../src-shared/node/callEvery.ts';
import type { Log } from '../../base/log.ts';
import { createSchedule, type Schedule } from './schedule.ts';
import { listTargets, type ProbeTarget } from './targets.ts';

type ScheduledAppliance = {
  schedule: Schedule;
  tenants: readonly Tenant[] | null;
  running: number;
  reconnectedAt: string | null;
};

/** Starts the probes that are due on each connected appliance, while at least one hold is open. */
export function createScheduledProbes(options: {
  probing: () => Probing;
  connectedIds: () => readonly string[];
  tenants: (applianceId: string) => readonly Tenant[];
  results: (applianceId: string) => ReadonlyMap<number, ProbeResult>;
  /** When the link came up again. Null if it came up only once. Earlier results are not valid. */
  reconnectedAt: (applianceId: string) => string | null;
  /** Runs one probe. Never rejects. */
  run: (applianceId: string, target: ProbeTarget) => Promise<unknown>;
  clock: () => number;
  /** Returns a number from 0 to 1, to vary the intervals. */
  random: () => number;
  log: Log;
}) {
  const { probing, clock, random } = options;
  const appliances = new Map<string, ScheduledAppliance>();
  const holders = new Set<symbol>();

  function scheduledOf(applianceId: string): ScheduledAppliance {
    const known = appliances.get(applianceId);
    if (known !== undefined) return known;
    const schedule = createSchedule({ probing, random });
    const created = { schedule, tenants: null, running: 0, reconnectedAt: null };
    appliances.set(applianceId, created);
    return created;
  }

  function startDue(applianceId: string): void {
    const scheduled = scheduledOf(applianceId);
    const tenants = options.tenants(applianceId);
    const reconnectedAt = options.reconnectedAt(applianceId);
    // After an interruption, every tunnel is due as if it were new.
    if (reconnectedAt !== scheduled.reconnectedAt) scheduled.schedule = createSchedule({ probing, random });
    if (tenants !== scheduled.tenants || reconnectedAt !== scheduled.reconnectedAt) {
      scheduled.tenants = tenants;
      scheduled.reconnectedAt = reconnectedAt;
      const results = [...options.results(applianceId)].filter(
        ([, { at }]) => !isBeforeReconnect(at, reconnectedAt, clock()),
      );
      scheduled.schedule.update(listTargets(tenants), new Map(results), clock());
    }
    for (const target of scheduled.schedule.takeDue(probing().atOnce - scheduled.running, clock())) {
      scheduled.running += 1;
      void options.run(applianceId, target).finally(() => (scheduled.running -= 1));
    }
  }

  const stopTimer = callEvery({
    everyMs: secondMs,
    work: () => {
      if (holders.size > 0 && probing().enabled) options.connectedIds().forEach(startDue);
    },
    onError: (thrown) => options.log.error({ err: thrown }, 'could not probe tunnels'),
  });

  return {
    /** Starts a hold and returns the function that ends it. */
    hold: (): (() => void) => {
      const holder = Symbol('hold');
      holders.add(holder);
      return () => void holders.delete(holder);
    },
    forget: (applianceId: string): void => void appliances.delete(applianceId),
    close: stopTimer,
  };
}
