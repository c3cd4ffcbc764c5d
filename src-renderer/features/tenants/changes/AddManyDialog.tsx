import { Skeleton } from '../../../ui/feedback/States.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { lazyComponent } from '../../../ui/layout/lazyComponent.tsx';
import { useAddMany } from './useAddMany.ts';

const AddManyRequest = lazyComponent(async () => (await import('./AddManyRequest.tsx')).AddManyRequest);

/** Imports tenants from a CSV: the rows with their problems, the plan, a reason, then one row after the other. */
export function AddManyDialog(props: { opened: boolean; applianceId: string | null; onClose: () => void }) {
  const many = useAddMany();
  const close = (): void => {
    if (many.run.phase === 'running') return;
    many.reset();
    props.onClose();
  };
  return (
    <Dialog opened={props.opened} onClose={close} title="Import tenants from CSV" size={820}>
      {props.opened ? (
        <AddManyRequest.Component
          props={{ applianceId: props.applianceId, many, onClose: close }}
          fallback={<Skeleton lines={6} />}
        />
      ) : null}
    </Dialog>
  );
}
