import { useAppliances } from '../../fleet/queries.ts';
import { toDuplicateForm, emptyForm } from '../formModel.ts';
import { AddApplianceForm } from './AddApplianceForm.tsx';
import type { ApplianceDialogProps } from './ApplianceDialogs.tsx';
import { EditForm, RemoveForm } from './EditDialogs.tsx';
import { ImportAppliances } from './ImportAppliances.tsx';

/** The content of the open dialog. Its code is loaded when a dialog is opened for the first time. */
export function ApplianceDialogContent({ dialog, ...props }: ApplianceDialogProps) {
  const appliances = useAppliances();
  const entryOf = (id: string) => appliances.find(({ entry }) => entry.id === id)?.entry;
  switch (dialog.kind) {
    case 'add': {
      const from = dialog.from === null ? undefined : entryOf(dialog.from);
      return <AddApplianceForm {...props} initial={from === undefined ? emptyForm : toDuplicateForm(from)} />;
    }
    case 'import':
      return <ImportAppliances {...props} />;
    case 'edit':
    case 'remove': {
      const entry = entryOf(dialog.id);
      if (entry === undefined) return <p>This appliance was removed.</p>;
      return dialog.kind === 'edit' ? (
        <EditForm {...props} entry={entry} />
      ) : (
        <RemoveForm {...props} entry={entry} />
      );
    }
  }
}
