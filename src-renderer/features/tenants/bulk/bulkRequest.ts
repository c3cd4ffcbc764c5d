import { create } from 'zustand';

export type BulkTenant = { applianceId: string; applianceName: string; clientId: string };

/** Changes that can be made to several tenants at once, with what the page calls them. */
export const bulkKinds = {
  suspend: { verb: 'Suspend', running: 'suspended', isDestructive: true, max: 100 },
  resume: { verb: 'Resume', running: 'resumed', isDestructive: false, max: 100 },
  /** Each new private key is saved by hand before the next one is made. */
  rotate: { verb: 'Rotate keys of', running: 'rotated', isDestructive: false, max: 20 },
} as const;
export type BulkKind = keyof typeof bulkKinds;

export type BulkRequest = { kind: BulkKind; tenants: readonly BulkTenant[] };

/** What is asked for; null while no dialog is open. */
export const useBulkRequest = create<{ request: BulkRequest | null }>(() => ({ request: null }));

export function openBulk(request: BulkRequest): void {
  useBulkRequest.setState({ request });
}

export function closeBulk(): void {
  useBulkRequest.setState({ request: null });
}

/** `Suspend northwind`, `Suspend 3 tenants`. */
export function bulkTitle({ kind, tenants }: BulkRequest): string {
  const [first] = tenants;
  const { verb } = bulkKinds[kind];
  if (tenants.length === 1 && first !== undefined)
    return kind === 'rotate' ? `Rotate key of ${first.clientId}` : `${verb} ${first.clientId}`;
  return `${verb} ${tenants.length} tenants`;
}
