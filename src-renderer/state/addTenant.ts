import { createContext, use } from 'react';

/** Opens the dialog that adds a tenant, for pages that are not the tenants' own; null outside the shell. */
export const AddTenantContext = createContext<((applianceId: string | null) => void) | null>(null);

export function useAddTenant() {
  return use(AddTenantContext);
}
