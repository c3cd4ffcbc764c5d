import { useCallback, useEffect, useRef, useState } from 'react';
import { type ApplianceDialog, setView, useViewState } from '../../../state/viewState.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { lazyComponent } from '../../../ui/layout/lazyComponent.tsx';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { useAppliances } from '../../fleet/queries.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';

/**
 * Props of the content of a dialog. `onDone` closes the dialog; `onClose` asks first if there are unsaved
 * changes.
 */
export type ApplianceDialogProps = {
  dialog: ApplianceDialog;
  onDone: () => void;
  onClose: () => void;
  onUnsaved: (isUnsaved: boolean) => void;
};

const content = lazyComponent<ApplianceDialogProps>(
  async () => (await import('./ApplianceDialogContent.tsx')).ApplianceDialogContent,
);

const sizes: Record<ApplianceDialog['kind'], number> = { add: 620, edit: 620, import: 860, remove: 460 };

function getTitle(dialog: ApplianceDialog | null, nameOf: (id: string) => string): string {
  switch (dialog?.kind) {
    case undefined:
      return '';
    case 'import':
      return 'Import appliances';
    case 'add':
      return dialog.from === null ? 'Add appliance' : `Duplicate ${nameOf(dialog.from)}`;
    case 'edit':
      return `Edit ${nameOf(dialog.id)}`;
    case 'remove':
      return `Remove ${nameOf(dialog.id)}`;
  }
}

/**
 * The dialogs about appliances. A dialog closes when its page is left, and asks before it discards unsaved
 * changes.
 */
export function ApplianceDialogs({ pathname }: { pathname: string }) {
  const dialog = useViewState((state) => state.applianceDialog);
  const appliances = useAppliances();
  const nameOf = (id: string): string => appliances.find(({ entry }) => entry.id === id)?.entry.name ?? '';
  const isUnsaved = useRef(false);
  const [isAsking, setAsking] = useState(false);
  const onUnsaved = useCallback((next: boolean) => {
    isUnsaved.current = next;
    if (!next) setAsking(false);
  }, []);
  const onDone = useCallback(() => {
    isUnsaved.current = false;
    setAsking(false);
    setView({ applianceDialog: null });
  }, []);
  const onClose = useCallback(() => {
    if (isUnsaved.current) setAsking(true);
    else onDone();
  }, [onDone]);
  const openedOn = useRef(pathname);
  useEffect(() => {
    if (openedOn.current !== pathname) onClose();
    openedOn.current = pathname;
  }, [pathname, onClose]);
  return (
    <Dialog
      opened={dialog !== null}
      onClose={onClose}
      title={getTitle(dialog, nameOf)}
      size={sizes[dialog?.kind ?? 'add']}
    >
      {isAsking ? <DiscardNotice onKeep={() => setAsking(false)} onDiscard={onDone} /> : null}
      {dialog === null ? null : (
        <content.Component props={{ dialog, onDone, onClose, onUnsaved }} fallback={<Skeleton />} />
      )}
    </Dialog>
  );
}

function DiscardNotice({ onKeep, onDiscard }: { onKeep: () => void; onDiscard: () => void }) {
  return (
    <div className={`${feedback.notice} ${layout.belowHead}`} role="alert" data-tone="warn">
      <span className={layout.grow}>Nothing has been saved yet. Discard what you typed?</span>
      <Button small onClick={onKeep}>
        Keep editing
      </Button>
      <Button small kind="danger" onClick={onDiscard}>
        Discard
      </Button>
    </div>
  );
}
