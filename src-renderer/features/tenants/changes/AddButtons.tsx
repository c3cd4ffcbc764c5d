import { ActionMenu } from '../../../ui/layout/ActionMenu.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { useIsNarrow } from '../../../ui/layout/useIsNarrow.ts';
import { useLockReason } from '../../fleet/queries.ts';
import { useMay } from '../../system/queries.ts';
import { useTenantChanges } from './changesContext.ts';

/** Buttons of a page head that add tenants. `applianceId` is null on the page of all appliances. */
export function AddButtons({ applianceId }: { applianceId: string | null }) {
  const changes = useTenantChanges();
  const isNarrow = useIsNarrow();
  const lock = useLockReason(applianceId);
  if (!useMay('operator')) return null;
  const addTenant = () => changes?.open({ at: 'dialog', kind: 'add', applianceId });
  const importCsv = () => changes?.open({ at: 'dialog', kind: 'add-many', applianceId });
  const locked = { disabled: lock !== null, title: lock ?? '' };
  if (isNarrow)
    return (
      <ActionMenu
        label="Add tenants"
        primary="Add ▾"
        {...locked}
        actions={[
          { text: 'Add tenant', run: addTenant },
          { text: 'Import CSV', run: importCsv },
        ]}
      />
    );
  return (
    <>
      <Button {...locked} onClick={importCsv}>
        Import CSV
      </Button>
      <Button kind="primary" {...locked} onClick={addTenant}>
        Add tenant
      </Button>
    </>
  );
}
