import type { Duplex } from 'node:stream';
import { AppError } from '../../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../../src-shared/model/appliance/applianceEntry.ts';
import {
  probeResultSchema,
  probingSchema,
  type ProbeResult,
  type Probing,
} from '../../../src-shared/model/tunnels/probe.ts';
import { isProbedWell } from '../../../src-shared/model/tunnels/probeLayers.ts';
import type { Tenant } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import type { Audit } from '../../audit/audit.ts';
import type { Links } from '../../links/links.ts';
import type { Log } from '../../base/log.ts';
import { createSlots, type Slots } from '../../../src-shared/base/slots.ts';
import type { Session } from '../../ssh/types.ts';
import { createSetting } from '../../store/settings.ts';
import type { Store } from '../../store/store.ts';
import { createConfirmation, needsConfirmation } from './confirm.ts';
import { probeTunnel } from './probeTunnel.ts';
import { createProbeResults } from './results.ts';
import { createSchedule, type Schedule } from './schedule.ts';
import { targetsOf, type ProbeTarget } from './targets.ts';
import { createEmitter } from '../../../src-shared/base/emitter.ts';
import { every } from '../../../src-shared/node/every.ts';
import { secondMs } from '../../../src-shared/base/time.ts';

/** Tests tunnels from their appliance's side, on demand and by itself. */
export type Prober = {
  /** The last result of each port of one appliance; kept over a restart. */
  results: (applianceId: string) => ReadonlyMap<number, ProbeResult>;
  /** Probes what listens now: one port, one tenant's, or all. Rejects with LINK_NOT_READY, NOT_FOUND. */
  probe: (request: {
    applianceId: string;
    clientId: string | null;
    port: number | null;
  }) => Promise<{ probed: number; well: number; milliseconds: number }>;
  /** Forgets what is known of an appliance: another machine answers at its address now. Never throws. */
  forget: (applianceId: string) => void;
  settings: () => Probing;
  /** Resolves once it is recorded and done. */
  setSettings: (settings: Probing) => Promise<void>;
  /** Calls back with what is new; at most a few times a second for one appliance. */
  onResults: (listener: (applianceId: string, results: readonly ProbeResult[]) => void) => () => void;
  /** While held, tunnels are probed on schedule. */
  hold: () => () => void;
  close: () => void;
};

/** Probes at once on one appliance when somebody asks **[ours]**. */
const onDemandAtOnce = 32;
/** Of connections that are only watched for being closed, which cost the appliance a descriptor each **[ours]**. */
const watchedAtOnce = 96;
/**
 * Connections that the appliance has neither opened nor refused yet. The session opens 256 at once: those that hang must
 * not make others wait, for who waits looks silent **[ours]**.
 */
const openingAtOnce = 200;
const tickMs = secondMs;
const batchMs = 250;

export function createProber(options: {
  links: Pick<Links, 'state' | 'onRemoved'> & {
    of: (applianceId: string) => {
      entry: Pick<ApplianceEntry, 'name'>;
      session: Pick<Session, 'forwardOut'>;
    };
  };
  audit: Pick<Audit, 'act'>;
  store: Store;
  /** The tenants of an appliance as last seen; empty where none was. */
  tenants: (applianceId: string) => readonly Tenant[];
  /** Asks an appliance anew; resolves when the answer is in or failed. */
  observe: (applianceId: string) => Promise<unknown>;
  applianceIds: () => readonly string[];
  clock: () => number;
  log: Log;
  /** 0 to 1, for the jitter. */
  random?: () => number;
}): Prober {
  const { links, clock, log } = options;
  const random = options.random ?? Math.random;
  const results = createProbeResults(options.store);
  const setting = createSetting({ store: options.store, key: 'probing', schema: probingSchema });
  const published = createEmitter<[applianceId: string, results: readonly ProbeResult[]]>();
  const fresh = new Map<string, ProbeResult[]>();
  const slots = new Map<string, { asking: Slots; watching: Slots; opening: Set<symbol> }>();
  const running = new Map<string, Promise<ProbeResult | null>>();
  const schedules = new Map<
    string,
    { schedule: Schedule; seen: readonly Tenant[] | null; running: number }
  >();
  let probing = setting.get();
  let holds = 0;
  let closed = false;

  const isConnected = (id: string) => links.state(id).state === 'connected';
  const confirmation = createConfirmation({
    tenants: options.tenants,
    observe: options.observe,
    isConnected,
  });

  function slotsOf(applianceId: string) {
    const mine = slots.get(applianceId) ?? {
      asking: createSlots(onDemandAtOnce),
      watching: createSlots(watchedAtOnce),
      opening: new Set(),
    };
    slots.set(applianceId, mine);
    return mine;
  }

  function publish(applianceId: string, result: ProbeResult): void {
    results.put(applianceId, [result]);
    fresh.set(applianceId, [...(fresh.get(applianceId) ?? []), result]);
  }

  /** Rejects as the session does, and with BUSY or CANCELLED, which say nothing of the tunnel. */
  async function openPort(applianceId: string, port: number): Promise<Duplex> {
    // Of what waited for its turn, or asks a second time, nothing is wanted any more, and the store is closed.
    if (closed) throw new AppError('CANCELLED', 'The console stopped.');
    const { opening } = slotsOf(applianceId);
    if (opening.size >= openingAtOnce)
      throw new AppError('BUSY', 'Too many connections of this appliance hang in the air.');
    const one = Symbol('opening');
    opening.add(one);
    try {
      return await links.of(applianceId).session.forwardOut('127.0.0.1', port);
    } finally {
      opening.delete(one);
    }
  }

  async function test(applianceId: string, target: ProbeTarget): Promise<ProbeResult> {
    const { asking, watching } = slotsOf(applianceId);
    const release = await (target.uri === null ? watching : asking).acquire();
    try {
      const at = new Date(clock()).toISOString();
      const facts = await probeTunnel({
        open: (port) => openPort(applianceId, port),
        port: target.port,
        uri: target.uri,
      });
      const { port, uri, sessionPid } = target;
      return probeResultSchema.parse({ at, port, uri, sessionPid, ...facts });
    } finally {
      release();
    }
  }

  /** Null where the tunnel was another one by the time the answer was in, or the link went meanwhile. */
  async function probeOne(applianceId: string, target: ProbeTarget): Promise<ProbeResult | null> {
    const result = await test(applianceId, target);
    if (closed) return null;
    const counts = !needsConfirmation(result) || (await confirmation.confirm(applianceId, target, result));
    if (!counts || closed) return null;
    publish(applianceId, result);
    return result;
  }

  function once(applianceId: string, target: ProbeTarget): Promise<ProbeResult | null> {
    // What is on its way through an earlier session says nothing of this one.
    const { clientId, port, sessionPid, uri } = target;
    const key = JSON.stringify([applianceId, clientId, port, sessionPid, uri]);
    const before = running.get(key);
    if (before !== undefined) return before;
    const probe = probeOne(applianceId, target)
      .catch((thrown: unknown) => {
        // The link's own trouble says nothing of the tunnel, and shows by itself.
        if (!(thrown instanceof AppError)) log.error({ err: thrown, applianceId }, 'probe failed');
        return null;
      })
      .finally(() => {
        running.delete(key);
      });
    running.set(key, probe);
    return probe;
  }

  function scheduleOf(applianceId: string) {
    const mine = schedules.get(applianceId) ?? {
      schedule: createSchedule({ probing: () => probing, random }),
      seen: null,
      running: 0,
    };
    schedules.set(applianceId, mine);
    return mine;
  }

  function tick(): void {
    if (holds === 0 || !probing.enabled) return;
    for (const applianceId of options.applianceIds()) {
      if (!isConnected(applianceId)) continue;
      const mine = scheduleOf(applianceId);
      const tenants = options.tenants(applianceId);
      if (tenants !== mine.seen) {
        mine.seen = tenants;
        mine.schedule.follow(targetsOf(tenants), results.of(applianceId), clock());
      }
      for (const target of mine.schedule.take(probing.atOnce - mine.running, clock())) {
        mine.running += 1;
        void once(applianceId, target).finally(() => {
          mine.running -= 1;
        });
      }
    }
  }

  /** A listener or a full disk that fails must not stop the probing. */
  const logError = (text: string) => (thrown: unknown) => log.error({ err: thrown }, text);

  function publishFresh(): void {
    const batch = [...fresh];
    fresh.clear();
    try {
      for (const [applianceId, news] of batch) published.emit(applianceId, news);
    } catch (thrown) {
      logError('probe results not published')(thrown);
    }
  }

  const stopTimers = [
    every({ everyMs: tickMs, work: tick, onError: logError('tunnels not probed') }),
    every({ everyMs: batchMs, work: publishFresh, onError: logError('probe results not published') }),
    every({ everyMs: tickMs, work: results.flush, onError: logError('probe results not saved') }),
  ];

  // Another console, or a command, on the same data folder sets it for all.
  const stopForeign = options.store.onForeignChange(() => (probing = setting.get()));
  function forget(applianceId: string): void {
    fresh.delete(applianceId);
    schedules.delete(applianceId);
    slots.delete(applianceId);
    try {
      results.forget(applianceId);
    } catch (thrown) {
      logError('probe results not removed')(thrown);
    }
  }
  const stopRemoved = links.onRemoved(forget);

  function wanted(request: Parameters<Prober['probe']>[0]): ProbeTarget[] {
    const { applianceId, clientId, port } = request;
    const tenants = options
      .tenants(applianceId)
      .filter((tenant) => clientId === null || tenant.clientId === clientId);
    if (clientId !== null && tenants.length === 0)
      throw new AppError('NOT_FOUND', `There is no tenant ${clientId} on this appliance.`);
    const isThere = tenants.some((tenant) => tenant.forwards.some((forward) => forward.port === port));
    if (port !== null && !isThere)
      throw new AppError('NOT_FOUND', `Nothing is announced or bound on port ${port}.`);
    return targetsOf(tenants).filter((target) => port === null || target.port === port);
  }

  return {
    results: results.of,
    probe: async (request) => {
      const { applianceId } = request;
      const { entry } = links.of(applianceId);
      const state = links.state(applianceId).state;
      if (state !== 'connected')
        throw new AppError('LINK_NOT_READY', `There is no link to ${entry.name} now (${state}).`);
      const started = performance.now();
      const probes = await Promise.all(wanted(request).map((target) => once(applianceId, target)));
      const well = probes.filter((result) => result !== null && isProbedWell(result, clock()));
      publishFresh();
      return { probed: probes.length, well: well.length, milliseconds: performance.now() - started };
    },
    forget,
    settings: () => probing,
    setSettings: (next) =>
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
    onResults: published.on,
    hold: () => {
      holds += 1;
      let held = true;
      return () => {
        if (held) holds -= 1;
        held = false;
      };
    },
    close: () => {
      closed = true;
      for (const stop of stopTimers) stop();
      confirmation.close();
      stopRemoved();
      stopForeign();
      results.flush();
    },
  };
}
