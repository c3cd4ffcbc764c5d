import { useState } from 'react';
import type { Bookmark, SavedFilter } from '../../../../src-shared/model/syslog/logNotes.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Drawer } from '../../../ui/layout/Drawer.tsx';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { formatLineTime } from '../../../ui/feedback/Moment.tsx';
import { useChangeNotes } from './notes.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from './kept.module.css';

type FiltersProps = {
  filters: readonly SavedFilter[];
  /** The query of the page, to be saved. */
  query: string;
  mayNote: boolean;
  /** Whether it is opened to save the query. */
  isSaving: boolean;
  onUse: (query: string) => void;
  onClose: () => void;
};

/** The saved filters, and the present query to be saved as one. */
export function FiltersDrawer({ filters, query, mayNote, isSaving, onUse, onClose }: FiltersProps) {
  const [name, setName] = useState('');
  const change = useChangeNotes();
  const replaced = filters.some((filter) => filter.name === name.trim());
  return (
    <Drawer opened onClose={onClose} title="Saved filters">
      <div className={`${layout.stack} ${styles.drawer}`}>
        {filters.length === 0 ? <p>No saved filters yet.</p> : null}
        <PlainList label="Saved filters">
          {filters.map((filter) => (
            <li key={filter.name} className={styles.note}>
              <button type="button" onClick={() => onUse(filter.query)}>
                <b>{filter.name}</b>
                <code>{filter.query}</code>
              </button>
              {mayNote ? (
                <Button
                  small
                  kind="quiet"
                  label={`Remove ${filter.name}`}
                  onClick={() => change.mutate((logs) => logs.removeFilter({ name: filter.name }))}
                >
                  ✕
                </Button>
              ) : null}
            </li>
          ))}
        </PlainList>
        {mayNote && query.trim() !== '' ? (
          <form
            className={layout.stack}
            onSubmit={(event) => {
              event.preventDefault();
              change.mutate((logs) => logs.saveFilter({ filter: { name, query } }), {
                onSuccess: () => setName(''),
              });
            }}
          >
            <TextField
              label="Name of the present query"
              value={name}
              onChange={setName}
              hasInitialFocus={isSaving}
            />
            <code>{query}</code>
            <div className={layout.row}>
              <Button kind="primary" submit disabled={name.trim() === ''} busy={change.isPending}>
                {replaced ? 'Replace filter' : 'Save filter'}
              </Button>
            </div>
          </form>
        ) : null}
      </div>
    </Drawer>
  );
}

/** The bookmarks, oldest line first. */
export function BookmarksDrawer(props: {
  bookmarks: readonly Bookmark[];
  nameOf: (applianceId: string) => string;
  onOpen: (bookmark: Bookmark) => void;
  onClose: () => void;
}) {
  const { bookmarks } = props;
  return (
    <Drawer opened onClose={props.onClose} title="Bookmarks">
      <div className={`${layout.stack} ${styles.drawer}`}>
        {bookmarks.length === 0 ? <p>No bookmarks yet. Select a line and press b.</p> : null}
        <PlainList label="Bookmarks">
          {bookmarks.map((bookmark) => (
            <li key={`${bookmark.source}.${bookmark.line}`} className={styles.note}>
              <button type="button" onClick={() => props.onOpen(bookmark)}>
                <b>{bookmark.note === '' ? 'Without a note' : bookmark.note}</b>
                <span>
                  {props.nameOf(bookmark.applianceId)},{' '}
                  {formatLineTime(new Date(bookmark.key.sort).toISOString(), 0)}
                </span>
                <code>{visibleLine(bookmark.text)}</code>
              </button>
            </li>
          ))}
        </PlainList>
      </div>
    </Drawer>
  );
}
