/** The parts of this feature that other parts of the page use. */
export { AddButtons } from './AddButtons.tsx';
export { TenantActions } from './TenantActions.tsx';
export { TenantChangesProvider } from './TenantChangesProvider.tsx';
export { useTenantChanges } from './changesContext.ts';
