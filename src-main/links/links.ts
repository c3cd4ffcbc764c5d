import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import { defaultLinkSettings, type LinkSettings } from '../../src-shared/model/appliance/linkSettings.ts';
import type { Audit } from '../audit/audit.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Log } from '../base/log.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';
import { hopsOf } from './hops.ts';
import type { Prompts } from './prompts.ts';
import { createEmitter } from '../../src-shared/base/emitter.ts';
import { createLinkDemand } from './linkDemand.ts';
import { createLinkEvents } from './linkEvents.ts';
import { createOpenLinks, type Link, type OpenSession } from './openLinks.ts';
import { waitUntilSettled } from './settled.ts';

/**
 * Keeps one session per appliance. Its link is up while pages, tails or commands hold it, and `lingerMs`
 * longer. `disconnect` closes the link in spite of holds, until `connect` is called.
 */
export function createLinks(options: {
  inventory: Inventory;
  audit: Audit;
  prompts: Prompts;
  openSession: OpenSession;
  clock: () => number;
  log: Log;
  /** How long a link stays up after its last hold has ended; on demand, the settings say it. */
  lingerMs: number;
  settings?: () => LinkSettings;
  /** True if the caller enters secrets on its terminal. `waitUntilSettled` then also waits for these. */
  waitsForSecrets: boolean;
}) {
  const { inventory, prompts, clock, settings = () => defaultLinkSettings } = options;
  const events = createLinkEvents(options);
  const links = createOpenLinks({
    openSession: options.openSession,
    onTransition: (entry, before, after) => {
      if (!closing.signal.aborted) events.recordTransition(entry, before, after);
      changes.emit(entry.id, withReason(entry.id, after));
    },
  });
  const demand = createLinkDemand({
    ...options,
    settings,
    release: (id) => {
      prompts.cancelAllOf(id);
      links.get(id)?.session.release();
    },
    start: (id) => {
      if (!closing.signal.aborted) find(id).session.want();
    },
    onWaiting: (id) => changes.emit(id, stateOf(id)),
  });
  const { holds, slots } = demand;
  const disconnectedByUser = new Set<string>();
  const changes = createEmitter<[id: string, state: LinkState]>();
  const removals = createEmitter<[id: string]>();
  const idle: LinkState = { state: 'idle', since: new Date(clock()).toISOString() };
  const closing = new AbortController();

  const withReason = (id: string, state: LinkState): LinkState =>
    disconnectedByUser.has(id) ? state : demand.withReason(id, state);
  const stateOf = (id: string): LinkState => withReason(id, links.get(id)?.session.state() ?? idle);

  function find(id: string): Link {
    return links.get(id) ?? links.open(inventory.get(id));
  }

  function closeLink(link: Link): void {
    links.close(link);
    prompts.cancelAllOf(link.entry.id);
    holds.cancelExpiry(link.entry.id);
    slots.free(link.entry.id);
  }

  function bringUp(id: string): void {
    holds.cancelExpiry(id);
    if (!disconnectedByUser.has(id) && slots.take(id)) find(id).session.want();
  }

  const closeLater = (id: string) => {
    if (links.get(id) !== undefined) holds.expireLater(id);
  };

  /** Closes and opens links after this or another process has changed the inventory. */
  function applyInventoryChange(): void {
    if (closing.signal.aborted) return;
    demand.readModes();
    const entries = new Map(inventory.list().map((entry) => [entry.id, entry]));
    for (const link of links.all()) {
      const now = entries.get(link.entry.id);
      if (now !== undefined && applyEdit(link, now, inventory)) continue;
      closeLink(link);
      if (now !== undefined) continue;
      disconnectedByUser.delete(link.entry.id);
      removals.emit(link.entry.id);
    }
    for (const id of entries.keys())
      if (holds.has(id)) bringUp(id);
      else closeLater(id);
  }

  const unfollow = inventory.onChange(applyInventoryChange);

  return {
    /** The link of an appliance; creates it if needed. Throws NOT_FOUND. */
    of: find,
    state: stateOf,
    hold: (which: readonly string[] | 'all') => {
      const endHold = holds.add(which);
      const ids = () => (which === 'all' ? inventory.list().map((entry) => entry.id) : which);
      for (const id of ids()) if (holds.has(id)) bringUp(id);
      return () => {
        if (!endHold() || closing.signal.aborted) return;
        for (const id of ids())
          if (slots.isWaiting(id) && !holds.has(id)) slots.free(id);
          else closeLater(id);
        slots.serve();
      };
    },
    /** Whether showing the fleet is a reason to connect to the appliance. */
    isForFleet: demand.isForFleet,
    /** The number of current holds. */
    holdCount: holds.count,
    connect: (id: string): void => {
      const { session } = find(id);
      disconnectedByUser.delete(id);
      if (slots.take(id)) session.want({ force: true });
      closeLater(id);
    },
    /** Connects again the links that stopped because a secret was missing, once the vault has it. */
    retryWithoutSecret: (ids: readonly string[]): void => {
      for (const id of ids) {
        const state = links.get(id)?.session.state();
        if (state?.state === 'stopped' && secretCodes.has(state.error.code) && slots.take(id))
          links.get(id)?.session.want({ force: true });
      }
    },
    disconnect: (id: string): void => {
      const { session } = find(id);
      disconnectedByUser.add(id);
      prompts.cancelAllOf(id);
      session.release();
      slots.free(id);
    },
    /** How many links there are, and how many wait for one. */
    counts: slots.counts,
    /** Resolves once the link is up or needs the user; never rejects. */
    waitUntilSettled: async (id: string, timeoutMs: number): Promise<LinkState> => {
      const { session } = find(id);
      if (disconnectedByUser.has(id)) return session.state();
      const { waitsForSecrets } = options;
      const { signal } = closing;
      return withReason(id, await waitUntilSettled({ session, timeoutMs, waitsForSecrets, signal }));
    },
    onChange: changes.on,
    onRemoved: removals.on,
    close: () => {
      for (const { entry, session } of links.all()) events.recordConsoleEnd(entry, session.state());
      closing.abort();
      unfollow();
      demand.stop();
      for (const link of links.all()) closeLink(link);
    },
  };
}

export type Links = ReturnType<typeof createLinks>;

const secretCodes: ReadonlySet<string> = new Set(['VAULT_LOCKED', 'SECRET_NEEDED']);

/**
 * Applies an edit to an open link, and connects if the host key it waits for is pinned now. Returns false if
 * the link must be closed, because the edit changed how the appliance is reached.
 */
function applyEdit(link: Link, after: ApplianceEntry, inventory: Pick<Inventory, 'pinned'>): boolean {
  if (hasNewConnection(link.entry, after)) return false;
  link.entry = after;
  if (isAwaitedKeyPinned(link, inventory)) link.session.want({ force: true });
  return true;
}

/**
 * Whether the host key that the link waits for has been pinned in the meantime, e.g. by the command line.
 */
function isAwaitedKeyPinned({ entry, session }: Link, inventory: Pick<Inventory, 'pinned'>): boolean {
  const link = session.state();
  if (link.state !== 'waiting-host-key') return false;
  const target = hopsOf(entry).find((address) => hopNameOf(address) === link.hop);
  return target !== undefined && inventory.pinned(target)?.fingerprint === link.offered.fingerprint;
}

/** Whether an edit changed how the console connects to the appliance. */
function hasNewConnection(before: ApplianceEntry, after: ApplianceEntry): boolean {
  return (['target', 'jumps', 'sudo', 'legacyAlgorithms'] as const).some(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
}
