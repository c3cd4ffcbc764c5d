import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import { defaultLinkSettings, type LinkSettings } from '../../src-shared/model/appliance/linkSettings.ts';
import type { Audit } from '../audit/audit.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Log } from '../base/log.ts';
import type { Prompts } from './prompts.ts';
import { createEmitter } from '../../src-shared/base/emitter.ts';
import { applyEdits } from './inventoryEdits.ts';
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
    mayStart: (id) => !disconnectedByUser.has(id),
    isOpen: (id) => links.get(id) !== undefined,
    onWaiting: (id) => changes.emit(id, stateOf(id)),
  });
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
    demand.forget(link.entry.id);
  }

  /** Closes and opens links after this or another process has changed the inventory. */
  function applyInventoryChange(): void {
    if (closing.signal.aborted) return;
    demand.readModes();
    for (const { link, isRemoved } of applyEdits(links.all(), inventory)) {
      closeLink(link);
      if (!isRemoved) continue;
      disconnectedByUser.delete(link.entry.id);
      removals.emit(link.entry.id);
    }
    demand.apply();
  }

  const unfollow = inventory.onChange(applyInventoryChange);

  return {
    /** The link of an appliance; creates it if needed. Throws NOT_FOUND. */
    of: find,
    state: stateOf,
    /** Keeps links up until the returned function is called. */
    hold: demand.hold,
    /** Whether showing the fleet is a reason to connect to the appliance. */
    isForFleet: demand.isForFleet,
    /** The number of current holds. */
    holdCount: demand.holdCount,
    connect: (id: string): void => {
      const { session } = find(id);
      disconnectedByUser.delete(id);
      if (demand.takeSlot(id)) session.want({ force: true });
      demand.closeLater(id);
    },
    /** Connects again the links that stopped because a secret was missing, once the vault has it. */
    retryWithoutSecret: (ids: readonly string[]): void => {
      for (const id of ids)
        if (isWithoutSecret(links.get(id)) && demand.takeSlot(id)) find(id).session.want({ force: true });
    },
    disconnect: (id: string): void => {
      const { session } = find(id);
      disconnectedByUser.add(id);
      prompts.cancelAllOf(id);
      session.release();
      demand.freeSlot(id);
    },
    /** How many links there are, and how many wait for one. */
    counts: demand.counts,
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

function isWithoutSecret(link: Link | undefined): boolean {
  const state = link?.session.state();
  return state?.state === 'stopped' && secretCodes.has(state.error.code);
}
