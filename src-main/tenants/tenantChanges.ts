import { AppError } from '../../src-shared/errors.ts';
import type { TenantAction, TenantOutcome, TenantPlan } from '../../src-shared/model/tenantPlan.ts';
import type { Audit } from '../audit/audit.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Links } from '../fleet/links.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Store } from '../store/store.ts';

/** What operators do to tenants: planned first, audited, and known to be done or not done afterwards. */
export type TenantChanges = {
  /** `tenants.plan` of the contract. */
  plan: (request: { applianceId: string; action: TenantAction }) => Promise<TenantPlan>;
  /** `tenants.apply` of the contract. */
  apply: (request: {
    applianceId: string;
    action: TenantAction;
    basis: string | null;
    reason: string;
    typedName: string | null;
  }) => Promise<TenantOutcome>;
  /** `tenants.addMany` of the contract. */
  addMany: (request: {
    applianceId: string;
    reason: string;
    rows: readonly { clientId: string; publicKey: string; quota: number | null }[];
    signal: AbortSignal;
  }) => AsyncGenerator<{ index: number; clientId: string; outcome: TenantOutcome }, void, void>;
  /** The last quota above 0 that this console saw; null where it saw none. */
  quotaBefore: (applianceId: string, clientId: string) => number | null;
  close: () => void;
};

export function createTenantChanges(_options: {
  inventory: Inventory;
  links: Links;
  fleet: Fleet;
  audit: Audit;
  store: Store;
  clock: () => number;
}): TenantChanges {
  const missing = (): never => {
    throw new AppError('INTERNAL', 'not there yet');
  };
  return { plan: missing, apply: missing, addMany: missing, quotaBefore: () => null, close: () => {} };
}
