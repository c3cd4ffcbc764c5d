import { z } from 'zod';
import {
  billingThresholdSchema,
  checkThreshold,
  type BillingThreshold,
} from '../../src-shared/model/billing/thresholds.ts';
import type { Audit } from '../audit/audit.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { createSetting } from '../store/settings.ts';
import type { Store } from '../store/store.ts';
import type { UsagePreview } from './previewUsage.ts';

const settingSchema = z.object({ byAppliance: z.record(z.uuid(), billingThresholdSchema).default({}) });

/** How an invoice stands to a threshold. A threshold of another currency says nothing about it. */
export function checkPreview(
  threshold: BillingThreshold | null,
  { invoice, projection }: Pick<UsagePreview, 'invoice' | 'projection'>,
) {
  if (threshold === null || invoice?.currency !== threshold.currency) return null;
  // Without a projection, the month is over or no history is kept: then the amount to date decides.
  const expected =
    projection?.known === true
      ? { projected: projection.invoice.total, high: projection.high }
      : { projected: invoice.total, high: invoice.total };
  const amounts = { currency: invoice.currency, toDate: invoice.total, ...expected };
  return { threshold, ...checkThreshold(threshold, amounts) };
}

/** The amount of a month above which the console warns, for each appliance: a setting of this console. */
export function createThresholds(options: {
  store: Store;
  audit: Pick<Audit, 'act'>;
  inventory: Pick<Inventory, 'get' | 'list'>;
}) {
  const setting = createSetting({
    store: options.store,
    key: 'usage.thresholds',
    schema: settingSchema,
    locks: { values: {}, assertKept: () => undefined },
  });
  return {
    get: (applianceId: string): BillingThreshold | null => setting.get().byAppliance[applianceId] ?? null,
    /** Resolves when the change is recorded and applied. Null removes the threshold. */
    set: (applianceId: string, threshold: BillingThreshold | null): Promise<void> => {
      const { name } = options.inventory.get(applianceId);
      const detail = threshold === null ? 'removed' : `${threshold.currency} ${threshold.amount}`;
      return options.audit.act({ event: 'usage.threshold', object: name, detail }, () => {
        const known = new Set(options.inventory.list().map(({ id }) => id));
        const others = Object.entries(setting.get().byAppliance).filter(
          ([id]) => id !== applianceId && known.has(id),
        );
        const own = threshold === null ? [] : [[applianceId, threshold] as const];
        setting.set({ byAppliance: Object.fromEntries([...others, ...own]) });
      });
    },
  };
}
export type Thresholds = ReturnType<typeof createThresholds>;
