import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';
import { hopsOf } from './hops.ts';
import type { Link } from './openLinks.ts';

/** Applies what changed in the inventory to the open links. Returns those that must be closed. */
export function applyEdits(
  links: Iterable<Link>,
  inventory: Pick<Inventory, 'list' | 'pinned'>,
): { link: Link; isRemoved: boolean }[] {
  const entries = new Map(inventory.list().map((entry) => [entry.id, entry]));
  return [...links].flatMap((link) => {
    const now = entries.get(link.entry.id);
    if (now !== undefined && applyEdit(link, now, inventory)) return [];
    return [{ link, isRemoved: now === undefined }];
  });
}

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
