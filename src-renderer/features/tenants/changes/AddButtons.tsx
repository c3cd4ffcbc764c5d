import { Button } from '../../../ui/layout/Button.tsx';
import { useLockReason } from '../../fleet/queries.ts';
import { useMay } from '../../system/queries.ts';
import { useTenantChanges } from './changesContext.ts';

/** For the head of a page; `applianceId` is the appliance shown, null if all are. */
export function AddTenantButton({ applianceId }: { applianceId: string | null }) {
  const changes = useTenantChanges();
  const lock = useLockReason(applianceId);
  if (!useMay('operator')) return null;
  return (
    <Button
      kind="primary"
      disabled={lock !== null}
      title={lock ?? ''}
      onClick={() => changes?.open({ at: 'dialog', kind: 'add', applianceId })}
    >
      Add tenant
    </Button>
  );
}

/** Opens the import of tenants from a CSV file. */
export function AddManyButton({ applianceId }: { applianceId: string | null }) {
  const changes = useTenantChanges();
  const lock = useLockReason(applianceId);
  if (!useMay('operator')) return null;
  return (
    <Button
      disabled={lock !== null}
      title={lock ?? ''}
      onClick={() => changes?.open({ at: 'dialog', kind: 'add-many', applianceId })}
    >
      Import CSV
    </Button>
  );
}
