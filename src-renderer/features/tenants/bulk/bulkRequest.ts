import { create } from 'zustand';

export type BulkTenant = { applianceId: string; applianceName: string; clientId: string };

/** The changes that can be made to several tenants at once, with their labels and limits. */
export const bulkKinds = {
  suspend: { verb: 'Suspend', running: 'suspended', isDestructive: true, max: 100 },
  resume: { verb: 'Resume', running: 'resumed', isDestructive: false, max: 100 },
  /** The limit is small because the user must save each private key before the next one is generated. */
  rotate: { verb: 'Rotate keys of', running: 'rotated', isDestructive: false, max: 20 },
} as const;
export type BulkKind = keyof typeof bulkKinds;

export type BulkRequest = { kind: BulkKind; tenants: readonly BulkTenant[] };

/** The requested change; null while the dialog is closed. */
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
