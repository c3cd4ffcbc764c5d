import { AppError } from '../../../src-shared/errors.ts';
import { createKeyedQueue } from '../../../src-shared/base/keyedQueue.ts';
import type { ApplianceEntry } from '../../../src-shared/model/appliance/applianceEntry.ts';
import { settingGroups } from '../../../src-shared/model/policy/settingGroups.ts';
import type { ProbeResult, Probing } from '../../../src-shared/model/tunnels/probe.ts';
import { isProbeWithoutFault } from '../../../src-shared/model/tunnels/probeLayers.ts';
import type { Tenant } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import type { Audit } from '../../audit/audit.ts';
import type { Links } from '../../links/links.ts';
import type { Log } from '../../base/log.ts';
import type { Session } from '../../ssh/types.ts';
import type { PolicyService } from '../../policy/policy.ts';
import { createSetting } from '../../store/settings.ts';
import type { Store } from '../../store/store.ts';
import { createConfirmation } from './confirm.ts';
import { createProbeRunner } from './probeRunner.ts';
import { createResultFeed } from './resultFeed.ts';
import { createScheduledProbes } from './scheduledProbes.ts';
import { mayRepeatLarge, selectTargets, type ProbeTarget } from './targets.ts';

/** Probes tunnels from their appliances, on request and on schedule. */
export function createProber(options: {
  links: Pick<Links, 'state' | 'onRemoved'> & {
    of: (applianceId: string) => {
      entry: Pick<ApplianceEntry, 'name'>;
      session: Pick<Session, 'forwardOut'>;
    };
  };
  audit: Pick<Audit, 'act'>;
  store: Store;
  policy: Pick<PolicyService, 'locksOf'>;
  /** The tenants in the last answer of an appliance. Empty before its first answer. */
  tenants: (applianceId: string) => readonly Tenant[];
  /** Asks an appliance for a new list. Resolves when the answer has arrived or failed. */
  observe: (applianceId: string) => Promise<unknown>;
  applianceIds: () => readonly string[];
  /** When the link came up again. Null if it came up only once. Earlier results are not valid. */
  reconnectedAt: (applianceId: string) => string | null;
  clock: () => number;
  log: Log;
  /** Returns a number from 0 to 1, to vary the intervals. */
  random?: () => number;
}) {
  const { links, store, tenants, clock, log } = options;
  const setting = createSetting({
    store,
    locks: options.policy.locksOf('tunnelTests'),
    ...settingGroups.tunnelTests,
  });
  let probing = setting.get();
  const isConnected = (id: string) => links.state(id).state === 'connected';

  const results = createResultFeed({ store, log });
  const confirmation = createConfirmation({ tenants, observe: options.observe, isConnected });
  const runner = createProbeRunner({
    getSession: (applianceId) => links.of(applianceId).session,
    confirm: confirmation.confirm,
    onResult: results.add,
    clock,
    log,
  });
  const sessions = createKeyedQueue();

  /** Probes a tunnel without large packets, unless it is known that they can't stall its session. */
  function runOrdinary(applianceId: string, target: ProbeTarget) {
    const last = results.of(applianceId).get(target.port);
    return runner.run(applianceId, target, mayRepeatLarge(target, last));
  }

  /**
   * Probes tunnels with large packets, one after the other for each session. Once a session doesn't answer them,
   * its other tunnels are not probed.
   */
  async function runLarge(applianceId: string, targets: readonly ProbeTarget[]) {
    const bySession = Map.groupBy(targets, ({ sessionPid }) => sessionPid);
    const all = [...bySession].map(([sessionPid, ofSession]) =>
      sessions.take(`${applianceId} ${sessionPid}`, async () => {
        const done: (ProbeResult | null)[] = [];
        for (const target of ofSession) {
          const result = await runner.run(applianceId, target, true);
          done.push(result);
          if (result === null || result.forward.outcome !== 'opened') break;
        }
        return done;
      }),
    );
    return (await Promise.all(all)).flat();
  }

  const scheduled = createScheduledProbes({
    probing: () => probing,
    connectedIds: () => options.applianceIds().filter(isConnected),
    tenants,
    results: results.of,
    reconnectedAt: options.reconnectedAt,
    run: runOrdinary,
    clock,
    random: options.random ?? Math.random,
    log,
  });

  function forget(applianceId: string): void {
    scheduled.forget(applianceId);
    runner.forget(applianceId);
    results.forget(applianceId);
  }
  const stopRemoved = links.onRemoved(forget);
  // Read the setting again, because another console on the same data folder may have changed it.
  const stopForeign = store.onForeignChange(() => (probing = setting.get()));

  return {
    /** The last result of each port of one appliance. Results are kept across restarts. */
    results: results.of,
    /**
     * Probes ports that listen: one port, all of one tenant, or all of the appliance. Rejects with
     * LINK_NOT_READY or NOT_FOUND. With `isLarge`, sends large packets as well: on a network that loses them, this
     * stalls the tenant's session.
     */
    probe: async (request: {
      applianceId: string;
      clientId: string | null;
      port: number | null;
      isLarge?: boolean | undefined;
    }) => {
      const { applianceId } = request;
      const { entry } = links.of(applianceId);
      if (!isConnected(applianceId))
        throw new AppError(
          'LINK_NOT_READY',
          `${entry.name} is not connected (${links.state(applianceId).state}).`,
        );
      const startedAt = performance.now();
      const targets = selectTargets(tenants(applianceId), request);
      const probes = await (request.isLarge === true
        ? runLarge(applianceId, targets)
        : Promise.all(targets.map((target) => runOrdinary(applianceId, target))));
      const ok = probes.filter((result) => result !== null && isProbeWithoutFault(result, clock())).length;
      results.publish();
      return { probed: probes.length, ok, milliseconds: performance.now() - startedAt };
    },
    /** Forgets the results of an appliance, because another machine has its address now. Never throws. */
    forget,
    settings: () => probing,
    /** Saves the settings. Resolves when they are recorded in the audit trail and applied. */
    setSettings: (next: Probing): Promise<void> =>
      options.audit.act(
        {
          event: 'probing.change',
          object: 'probing',
          detail: `${JSON.stringify(setting.get())} → ${JSON.stringify(next)}`,
        },
        () => {
          setting.set(next);
          probing = setting.get();
        },
      ),
    /** Registers a listener for new results. Called at most a few times per second for each appliance. */
    onResults: results.onNew,
    /** Probes tunnels on schedule until the returned function is called. */
    hold: scheduled.hold,
    close: (): void => {
      runner.close();
      scheduled.close();
      confirmation.close();
      stopRemoved();
      stopForeign();
      results.close();
    },
  };
}

export type Prober = ReturnType<typeof createProber>;
