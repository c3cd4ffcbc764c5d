import { Button } from '../../../ui/layout/Button.tsx';
import { useMay } from '../../system/queries.ts';
import { useTenantChanges } from './changesContext.ts';

/** For the head of a page; `applianceId` is the one that is looked at, null where that is all of them. */
export function AddTenantButton({ applianceId }: { applianceId: string | null }) {
  const changes = useTenantChanges();
  if (!useMay('operator')) return null;
  return (
    <Button kind="primary" onClick={() => changes?.open({ at: 'dialog', kind: 'add', applianceId })}>
      Add tenant
    </Button>
  );
}

/** Opens the import of tenants from a CSV file. */
export function AddManyButton({ applianceId }: { applianceId: string | null }) {
  const changes = useTenantChanges();
  if (!useMay('operator')) return null;
  return (
    <Button onClick={() => changes?.open({ at: 'dialog', kind: 'add-many', applianceId })}>Import CSV</Button>
  );
}
