import { connectModes } from '../../src-shared/model/appliance/connectModes.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import type { LinkSettings } from '../../src-shared/model/appliance/linkSettings.ts';
import { minuteMs, secondMs } from '../../src-shared/base/time.ts';
import { callEvery } from '../../src-shared/node/callEvery.ts';
import type { Log } from '../base/log.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { createLinkHolds } from './linkHolds.ts';
import { createLinkSlots } from './linkSlots.ts';

/** How often links that wait are looked at, because the limit may have been raised. */
const serveEveryMs = 5 * secondMs;

type Which = readonly string[] | 'all';

/** Which links are needed, how long an unneeded one stays, and which may be up at once. */
export function createLinkDemand(options: {
  inventory: Pick<Inventory, 'list'>;
  settings: () => LinkSettings;
  /** How long an unneeded link stays up; on demand, the settings say it. */
  lingerMs: number;
  /** Ends the connection of a link. */
  release: (id: string) => void;
  /** Lets a link come up that is needed and has a slot. */
  start: (id: string) => void;
  /** Whether the link may come up because it is needed. */
  mayStart: (id: string) => boolean;
  isOpen: (id: string) => boolean;
  onWaiting: (id: string) => void;
  log: Log;
}) {
  const { inventory, settings, release } = options;
  const readModes = () => new Map(inventory.list().map(({ id, connect }) => [id, connect]));
  const idsOf = (which: Which) => (which === 'all' ? inventory.list().map(({ id }) => id) : which);
  let modes = readModes();
  let isOver = false;
  const isForFleet = (id: string): boolean => connectModes[modes.get(id) ?? 'always'].isForFleet;
  const holds = createLinkHolds({
    lingerMs: (id) => (isForFleet(id) ? options.lingerMs : settings().idleMinutes * minuteMs),
    isForFleet,
    onExpired: (id) => {
      release(id);
      slots.free(id);
    },
  });
  const slots = createLinkSlots({
    max: () => settings().maxLinks,
    mayClose: (id) => !isForFleet(id) && !holds.has(id),
    closeLink: (id) => {
      holds.cancelExpiry(id);
      release(id);
    },
    startLink: options.start,
    onWaiting: options.onWaiting,
  });
  const stopServing = callEvery({
    everyMs: serveEveryMs,
    work: slots.serve,
    onError: (thrown) => options.log.error({ err: thrown }, 'could not start links that wait'),
  });

  function bringUp(id: string): void {
    holds.cancelExpiry(id);
    if (options.mayStart(id) && slots.take(id)) options.start(id);
  }

  const closeLater = (id: string): void => {
    if (options.isOpen(id)) holds.expireLater(id);
  };

  return {
    isForFleet,
    /** Whether the link may come up now; otherwise it waits. */
    takeSlot: slots.take,
    freeSlot: slots.free,
    counts: slots.counts,
    holdCount: holds.count,
    closeLater,
    /** Needs the links until the returned function is called. */
    hold: (which: Which): (() => void) => {
      const endHold = holds.add(which);
      for (const id of idsOf(which)) if (holds.has(id)) bringUp(id);
      return () => {
        if (!endHold() || isOver) return;
        for (const id of idsOf(which))
          if (slots.isWaiting(id) && !holds.has(id)) slots.free(id);
          else closeLater(id);
        slots.serve();
      };
    },
    /** Reads again which appliances connect on demand. */
    readModes: (): void => {
      modes = readModes();
    },
    /** Lets the needed links of the inventory come up, and the others end later. */
    apply: (): void => {
      for (const id of idsOf('all'))
        if (holds.has(id)) bringUp(id);
        else closeLater(id);
    },
    /** The link was closed. */
    forget: (id: string): void => {
      holds.cancelExpiry(id);
      slots.free(id);
    },
    /** A link that is not up says why. Not for one that the user disconnected. */
    withReason: (id: string, state: LinkState): LinkState => {
      if (state.state !== 'idle') return state;
      if (slots.isWaiting(id)) return { ...state, reason: 'queued' };
      return isForFleet(id) ? state : { ...state, reason: 'on-demand' };
    },
    stop: (): void => {
      isOver = true;
      stopServing();
    },
  };
}
