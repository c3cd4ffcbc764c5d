/** What the rest of the page places: buttons for a page's head, actions for a tenant's panel, and their provider. */
export { AddButtons } from './AddButtons.tsx';
export { TenantActions } from './TenantActions.tsx';
export { TenantChangesProvider } from './TenantChangesProvider.tsx';
export { useTenantChanges } from './changesContext.ts';
