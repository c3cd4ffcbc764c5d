import { Skeleton } from '../../../ui/feedback/States.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { lazyComponent } from '../../../ui/layout/lazyComponent.tsx';
import { useChange } from './useChange.ts';
import { useCloseWithPrivateKey } from './useCloseWithPrivateKey.ts';

const AddTenantRequest = lazyComponent(async () => (await import('./AddTenantRequest.tsx')).AddTenantRequest);

/** Adds a tenant: its name and key, then the plan, then the result. */
export function AddTenantDialog(props: {
  opened: boolean;
  /** The appliance to preselect; null on the page of all appliances. */
  applianceId: string | null;
  onClose: () => void;
}) {
  const change = useChange();
  const keyed = useCloseWithPrivateKey(change, props.onClose);
  return (
    <Dialog opened={props.opened} onClose={keyed.close} title="Add tenant" size={640}>
      {props.opened ? (
        <AddTenantRequest.Component
          props={{ applianceId: props.applianceId, change, keyed }}
          fallback={<Skeleton lines={6} />}
        />
      ) : null}
    </Dialog>
  );
}
