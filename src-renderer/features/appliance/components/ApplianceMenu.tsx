import type { ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import { sshCommandOf } from '../../../../src-shared/model/appliance/sshCommand.ts';
import { openApplianceDialog } from '../../../state/viewState.ts';
import { ActionMenu } from '../../../ui/layout/ActionMenu.tsx';
import { copyText } from '../../../ui/text/copy.ts';
import { useMay } from '../../system/queries.ts';
import { entryActions, useSetLock } from '../../fleet/mutations.ts';
import { useOpenTerminal } from '../mutations.ts';

/** Less frequent actions on an appliance. Only admins see the actions that change it. */
export function ApplianceMenu({ entry }: { entry: ApplianceEntry }) {
  const isAdmin = useMay('admin');
  const setLock = useSetLock();
  const openTerminal = useOpenTerminal();
  const { id, name } = entry;
  const terminal = { text: 'Open in terminal', run: () => openTerminal?.(entry) };
  const copy = {
    text: 'Copy ssh command',
    run: () => copyText(sshCommandOf(entry), 'ssh command copied'),
  };
  const changes = [
    ...entryActions(entry, setLock.mutate),
    { text: `Remove ${name}…`, run: () => openApplianceDialog({ kind: 'remove', id }) },
  ];
  return (
    <ActionMenu
      label={`More actions on ${name}`}
      disabled={setLock.isPending}
      actions={[...(openTerminal === null ? [] : [terminal]), copy, ...(isAdmin ? changes : [])]}
    />
  );
}
