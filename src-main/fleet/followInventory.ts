import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { isSameAppliance } from '../inventory/sameAppliance.ts';

/**
 * Compares the inventory with its state before the change, and reports removed appliances and those whose
 * address was edited.
 */
export function followInventory(options: {
  inventory: Pick<Inventory, 'list' | 'onChange'>;
  onRemoved: (applianceId: string) => void;
  onReplaced: (applianceId: string) => void;
  /** Called for each existing appliance, after the other callbacks. */
  onChanged: (applianceId: string) => void;
}) {
  const readEntries = () =>
    new Map<string, ApplianceEntry>(options.inventory.list().map((entry) => [entry.id, entry]));
  let known = readEntries();

  const stop = options.inventory.onChange(() => {
    const before = known;
    known = readEntries();
    for (const [id, entry] of before) {
      const now = known.get(id);
      if (now === undefined) options.onRemoved(id);
      else if (!isSameAppliance(entry, now)) options.onReplaced(id);
    }
    for (const id of known.keys()) options.onChanged(id);
  });

  return { ids: () => [...known.keys()], stop };
}
