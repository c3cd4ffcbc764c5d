import { Modal, UnstyledButton } from '@mantine/core';
import { Spotlight, spotlight } from '@mantine/spotlight';
import { useLocalStorage } from '@mantine/hooks';
import { type KeyboardEvent, useEffect, useId, useMemo, useState } from 'react';
import { z } from 'zod';
import type { ToneName } from '../feedback/freshness.tsx';
import { ToneDot, ToneWord } from '../feedback/Tone.tsx';
import layout from './layout.module.css';
import overlay from './overlay.module.css';
import textStyles from '../text/text.module.css';
import { useSelectedId } from './useSelectedId.ts';

/** An entry of the palette. The search covers label, kind, detail, state and `search`. */
export type PaletteEntry = {
  id: string;
  kind: string;
  label: string;
  detail?: string;
  machine?: boolean;
  /** The entry's state. If `word` is empty, only the coloured dot is shown. */
  status?: { tone: ToneName; word: string; observedAt: string | null };
  /** Further text to search in, which is not shown. */
  search?: string;
  run: () => void;
};

export function openPalette(): void {
  spotlight.open();
}

const shownEntries = 30;
const maxRecent = 6;

function joinSearchText({ label, kind, detail = '', status, search = '' }: PaletteEntry): string {
  return `${label} ${kind} ${detail} ${status?.word ?? ''} ${search}`.toLowerCase();
}

/**
 * Returns the entries that contain every typed word. Entries whose label starts with the text come first.
 */
export function findEntries(entries: readonly PaletteEntry[], query: string): PaletteEntry[] {
  const words = query.toLowerCase().split(/\s+/u).filter(Boolean);
  const starts: PaletteEntry[] = [];
  const others: PaletteEntry[] = [];
  for (const entry of entries) {
    const text = joinSearchText(entry);
    if (!words.every((word) => text.includes(word))) continue;
    if (words[0] !== undefined && entry.label.toLowerCase().startsWith(words[0])) starts.push(entry);
    else others.push(entry);
    if (starts.length >= shownEntries) break;
  }
  return [...starts, ...others].slice(0, shownEntries);
}

type EntryProps = {
  entry: PaletteEntry;
  kind: string;
  elementId: string;
  isSelected: boolean;
  onRun: () => void;
};

function Entry({ entry, kind, elementId, isSelected, onRun }: EntryProps) {
  const { status } = entry;
  useEffect(() => {
    if (isSelected) document.getElementById(elementId)?.scrollIntoView({ block: 'nearest' });
  }, [isSelected, elementId]);
  return (
    <UnstyledButton
      id={elementId}
      className={overlay.paletteAction}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an option can't hold a state with its dot
      role="option"
      aria-selected={isSelected}
      data-selected={isSelected || undefined}
      tabIndex={-1}
      // The field keeps the focus.
      onMouseDown={(event) => event.preventDefault()}
      onClick={onRun}
    >
      <span className={overlay.kind}>{kind}</span>
      <span className={entry.machine ? textStyles.mono : undefined}>{entry.label}</span>
      {status === undefined ? null : status.word === '' ? (
        <ToneDot tone={status.tone} observedAt={status.observedAt} />
      ) : (
        <ToneWord tone={status.tone} observedAt={status.observedAt}>
          {status.word}
        </ToneWord>
      )}
      <span className={`${layout.grow} ${textStyles.faint} ${textStyles.clip} ${textStyles.mono}`}>
        {entry.detail}
      </span>
    </UnstyledButton>
  );
}

const recentSchema = z.array(z.string().max(300)).max(maxRecent).catch([]);

function readIds(text: string | undefined): string[] {
  try {
    return recentSchema.parse(JSON.parse(text ?? '[]'));
  } catch {
    return [];
  }
}

/** The last entries that were run, the latest first. The browser keeps their IDs, which contain no secrets. */
function useRecent(entries: readonly PaletteEntry[]) {
  const [ids, setIds] = useLocalStorage<string[]>({
    key: 'palette-recent',
    defaultValue: [],
    deserialize: readIds,
    getInitialValueInEffect: false,
  });
  return {
    recent: ids.flatMap((id) => entries.find((entry) => entry.id === id) ?? []),
    run: (entry: PaletteEntry): void => {
      spotlight.close();
      setIds([entry.id, ...ids.filter((id) => id !== entry.id)].slice(0, maxRecent));
      entry.run();
    },
  };
}

/**
 * Shows and runs the given entries. Before anything is typed, recently run entries come first. The selection is ours: the
 * kit's belongs to the rows that are drawn when a letter is typed, so that it is lost when entries arrive later.
 */
export function CommandPalette({
  entries,
  onOpen,
  onClose,
}: {
  entries: readonly PaletteEntry[];
  onOpen: () => void;
  onClose: () => void;
}) {
  const [query, setQuery] = useState('');
  const found = useMemo(() => findEntries(entries, query), [entries, query]);
  const { recent, run } = useRecent(entries);
  const first = query === '' ? recent : [];
  const shown = [...first, ...found.filter((entry) => !first.includes(entry))];
  const { selected, move, forget } = useSelectedId(shown.map(({ id }) => id));
  const listId = useId();
  const elementIdOf = (id: string): string => `${listId}-${id}`;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Enter') {
      const entry = shown.find(({ id }) => id === selected);
      if (entry === undefined) return;
      run(entry);
    } else return;
    event.preventDefault();
  };
  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      onSpotlightOpen={onOpen}
      onSpotlightClose={() => {
        forget();
        onClose();
      }}
      lockScroll={false}
      size={620}
      yOffset={90}
      transitionProps={{ duration: 100 }}
      overlayProps={{ backgroundOpacity: 0.45 }}
      classNames={{ content: overlay.palette }}
    >
      <Modal.Title className={layout.srOnly}>Command palette</Modal.Title>
      <Spotlight.Search
        placeholder="Go to appliance, tenant, port, command…"
        aria-label="Go to"
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a datalist can't show states
        role="combobox"
        aria-expanded={shown.length > 0}
        aria-controls={listId}
        aria-activedescendant={selected === null ? undefined : elementIdOf(selected)}
        onKeyDown={onKeyDown}
        classNames={{ input: overlay.paletteSearch }}
      />
      <div className={overlay.paletteList}>
        <div
          id={listId}
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a datalist can't show states
          role="listbox"
          aria-label="Results"
        >
          {shown.map((entry, index) => (
            <Entry
              key={entry.id}
              entry={entry}
              kind={index < first.length ? 'recent' : entry.kind}
              elementId={elementIdOf(entry.id)}
              isSelected={entry.id === selected}
              onRun={() => run(entry)}
            />
          ))}
        </div>
        {shown.length === 0 ? (
          <Spotlight.Empty className={overlay.paletteEmpty}>No results</Spotlight.Empty>
        ) : null}
      </div>
    </Spotlight.Root>
  );
}
