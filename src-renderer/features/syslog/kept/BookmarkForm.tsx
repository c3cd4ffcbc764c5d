import { useState } from 'react';
import type { Bookmark } from '../../../../src-shared/model/syslog/logNotes.ts';
import { shorten } from '../../../../src-shared/base/machineText.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { useChangeNotes } from './notes.ts';
import type { ShownLine } from './shownLine.ts';
import layout from '../../../ui/layout/layout.module.css';

const maxText = 400;

/** Saves or removes the bookmark of a line. */
export function BookmarkForm({
  shown,
  bookmark,
  onDone,
}: {
  shown: ShownLine;
  bookmark: Bookmark | null;
  onDone: () => void;
}) {
  const [note, setNote] = useState(bookmark?.note ?? '');
  const change = useChangeNotes();
  const { key, applianceId, text } = shown.kept;
  const address = { source: key.source, line: key.line };
  const save = (): void =>
    change.mutate(
      (logs) =>
        logs.setBookmark({ bookmark: { ...address, key, applianceId, text: shorten(text, maxText), note } }),
      { onSuccess: onDone },
    );
  return (
    <form
      className={layout.stack}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <TextField label="Note" value={note} onChange={setNote} hasInitialFocus />
      <div className={layout.row}>
        <Button small kind="primary" submit busy={change.isPending}>
          Save bookmark
        </Button>
        {bookmark === null ? null : (
          <Button
            small
            busy={change.isPending}
            onClick={() => change.mutate((logs) => logs.removeBookmark(address), { onSuccess: onDone })}
          >
            Remove bookmark
          </Button>
        )}
        <Button small kind="quiet" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
