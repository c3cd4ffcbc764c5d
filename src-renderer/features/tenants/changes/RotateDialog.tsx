import type { TenantView } from '../../../../src-shared/contract/tenants.ts';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { lazyComponent } from '../../../ui/layout/lazyComponent.tsx';
import { useChange } from './useChange.ts';
import { useCloseWithPrivateKey } from './useCloseWithPrivateKey.ts';

const RotateRequest = lazyComponent(async () => (await import('./RotateRequest.tsx')).RotateRequest);

/** Registers a new key for a tenant; the old key stays valid for a chosen time. */
export function RotateDialog({ view, onClose }: { view: TenantView | null; onClose: () => void }) {
  const change = useChange();
  const keyed = useCloseWithPrivateKey(change, onClose);
  const title = view === null ? '' : `Rotate the key of ${view.tenant.clientId}`;
  return (
    <Dialog opened={view !== null} onClose={keyed.close} title={title} size={640}>
      {view === null ? null : (
        <RotateRequest.Component props={{ view, change, keyed }} fallback={<Skeleton lines={6} />} />
      )}
    </Dialog>
  );
}
