import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import type { Audit } from '../audit/audit.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Log } from '../base/log.ts';
import type { Session } from '../ssh/types.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';
import { hopsOf } from './hops.ts';
import type { Prompts } from './prompts.ts';
import { createEmitter } from '../../src-shared/base/emitter.ts';
import { race } from '../../src-shared/base/race.ts';
import type { Driver } from '../driver/driver.ts';

/** Opens nothing yet: a session connects when wanted. */
export type OpenSession = (entry: ApplianceEntry) => { session: Session; driver: Driver };

type Link = { entry: ApplianceEntry; session: Session; driver: Driver; stopListening: () => void };

/**
 * One session per appliance, up while it is needed: a page, a tail or a command holds links; some minutes after
 * the last one let go, they close. A person's `disconnect` outranks all holds until a person connects again.
 */
export type Links = {
  /** Throws NOT_FOUND. */
  of: (id: string) => { entry: ApplianceEntry; session: Session; driver: Driver };
  state: (id: string) => LinkState;
  hold: (which: readonly string[] | 'all') => () => void;
  /** How many hold links now. */
  held: () => number;
  connect: (id: string) => void;
  disconnect: (id: string) => void;
  /** Resolves once the link is up or can't come up without a person; never rejects. */
  settled: (id: string, timeoutMs: number) => Promise<LinkState>;
  onChange: (listener: (id: string, state: LinkState) => void) => () => void;
  onRemoved: (listener: (id: string) => void) => () => void;
  close: () => void;
};

export function createLinks(options: {
  inventory: Inventory;
  audit: Audit;
  prompts: Prompts;
  openSession: OpenSession;
  clock: () => number;
  log: Log;
  /** How long a link stays up after the last one who needed it left. */
  lingerMs: number;
  /** Secrets are asked where the caller waits, so that a link that waits for one is not settled yet. */
  waitsForSecrets: boolean;
}): Links {
  const { inventory, audit, prompts, clock } = options;
  const links = new Map<string, Link>();
  const holds = new Map<symbol, ReadonlySet<string> | 'all'>();
  const disconnectedByUser = new Set<string>();
  const changes = createEmitter<[id: string, state: LinkState]>();
  const removals = createEmitter<[id: string]>();
  const lingering = new Map<string, NodeJS.Timeout>();
  const idle: LinkState = { state: 'idle', since: new Date(clock()).toISOString() };
  let closed = false;

  const isHeld = (id: string) => [...holds.values()].some((which) => which === 'all' || which.has(id));

  function open(entry: ApplianceEntry): Link {
    const { session, driver } = options.openSession(entry);
    let before: LinkState = session.state();
    const stopListening = session.onChange((state) => {
      try {
        recordTransition(entry, before, state);
      } catch (thrown) {
        // A full disk must not take the link down; what a person does is refused instead.
        options.log.error({ err: thrown, appliance: entry.name }, 'link event not recorded');
      }
      before = state;
      changes.emit(entry.id, state);
    });
    const link = { entry, session, driver, stopListening };
    links.set(entry.id, link);
    return link;
  }

  function recordTransition(entry: ApplianceEntry, before: LinkState, after: LinkState): void {
    if (closed || before.state === after.state) return;
    const action = { object: entry.name, destination: hopNameOf(entry.target) };
    if (after.state === 'connected')
      audit.event({ ...action, event: 'link.up', detail: after.serverSoftware });
    if (after.state === 'stopped')
      audit.event({
        ...action,
        event: 'link.stopped',
        result: 'failed',
        errorCode: after.error.code,
        detail: after.error.message,
      });
    else if (before.state === 'connected')
      audit.event({
        ...action,
        event: 'link.down',
        ...(after.state === 'retrying'
          ? { result: 'failed', errorCode: after.error.code, detail: after.error.message }
          : {}),
      });
  }

  function find(id: string): Link {
    return links.get(id) ?? open(inventory.get(id));
  }

  function shut(link: Link): void {
    link.session.release();
    link.stopListening();
    prompts.cancelOf(link.entry.id);
    links.delete(link.entry.id);
    clearTimeout(lingering.get(link.entry.id));
    lingering.delete(link.entry.id);
  }

  function bringUp(id: string): void {
    clearTimeout(lingering.get(id));
    lingering.delete(id);
    if (!disconnectedByUser.has(id)) find(id).session.want();
  }

  function letGo(id: string): void {
    if (isHeld(id) || lingering.has(id) || !links.has(id)) return;
    const timer = setTimeout(() => {
      lingering.delete(id);
      if (isHeld(id)) return;
      prompts.cancelOf(id);
      links.get(id)?.session.release();
    }, options.lingerMs);
    timer.unref();
    lingering.set(id, timer);
  }

  /** The inventory changed, here or in another process: follow it. */
  function follow(): void {
    if (closed) return;
    const entries = new Map(inventory.list().map((entry) => [entry.id, entry]));
    for (const link of links.values()) {
      const now = entries.get(link.entry.id);
      if (now === undefined) {
        shut(link);
        disconnectedByUser.delete(link.entry.id);
        removals.emit(link.entry.id);
      } else if (reachesElsewhere(link.entry, now)) {
        shut(link);
      } else {
        link.entry = now;
        const state = link.session.state();
        // The key that this link waits for was pinned, perhaps by the command line.
        if (state.state === 'waiting-host-key' && isPinned(now, state.hop, state.offered.fingerprint))
          link.session.want({ force: true });
      }
    }
    for (const id of entries.keys()) if (isHeld(id)) bringUp(id);
  }

  function isPinned(entry: ApplianceEntry, hop: string, fingerprint: string): boolean {
    const target = hopsOf(entry).find((one) => hopNameOf(one) === hop);
    return target !== undefined && inventory.pinned(target)?.fingerprint === fingerprint;
  }

  const unfollow = inventory.onChange(follow);

  return {
    of: find,
    state: (id) => links.get(id)?.session.state() ?? idle,
    hold: (which) => {
      const key = Symbol('hold');
      holds.set(key, which === 'all' ? 'all' : new Set(which));
      const ids = () => (which === 'all' ? inventory.list().map((entry) => entry.id) : which);
      for (const id of ids()) bringUp(id);
      return () => {
        if (!holds.delete(key) || closed) return;
        for (const id of ids()) letGo(id);
      };
    },
    held: () => holds.size,
    connect: (id) => {
      const { session } = find(id);
      disconnectedByUser.delete(id);
      session.want({ force: true });
      if (!isHeld(id)) letGo(id);
    },
    disconnect: (id) => {
      const { session } = find(id);
      disconnectedByUser.add(id);
      prompts.cancelOf(id);
      session.release();
    },
    settled: (id, timeoutMs) =>
      // Nothing brings it up before a person does.
      disconnectedByUser.has(id)
        ? Promise.resolve(find(id).session.state())
        : settled({ session: find(id).session, timeoutMs, waitsForSecrets: options.waitsForSecrets }),
    onChange: changes.on,
    onRemoved: removals.on,
    close: () => {
      for (const { entry, session } of links.values()) {
        if (session.state().state !== 'connected') continue;
        const action = { object: entry.name, destination: hopNameOf(entry.target) };
        try {
          audit.event({ ...action, event: 'link.down', detail: 'the console ended' });
        } catch (thrown) {
          options.log.error({ err: thrown, appliance: entry.name }, 'link event not recorded');
        }
      }
      closed = true;
      unfollow();
      for (const link of links.values()) shut(link);
    },
  };
}

/** Whether an edit changed where or how an appliance is reached: it may be another machine then. */
export function reachesElsewhere(before: ApplianceEntry, after: ApplianceEntry): boolean {
  return (['target', 'jumps', 'sudo', 'legacyAlgorithms'] as const).some(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
}

async function settled(options: {
  session: Session;
  timeoutMs: number;
  waitsForSecrets: boolean;
}): Promise<LinkState> {
  const { session, timeoutMs, waitsForSecrets } = options;
  const isWaitingForPerson = (state: LinkState) => waitsForSecrets && state.state === 'waiting-secret';
  const isSettled = (state: LinkState) =>
    state.state !== 'connecting' && state.state !== 'idle' && !isWaitingForPerson(state);
  const next = Promise.withResolvers<LinkState>();
  const resolveIfSettled = (state: LinkState) => {
    if (isSettled(state)) next.resolve(state);
  };
  const stop = session.onChange(resolveIfSettled);
  resolveIfSettled(session.state());
  try {
    for (;;) {
      const state = await race(next.promise, { timeoutMs, onTimeout: session.state });
      // A person who types a secret may take longer than a machine.
      if (!isWaitingForPerson(state)) return state;
    }
  } finally {
    stop();
  }
}
