import { Modal } from '@mantine/core';
import { Spotlight, spotlight } from '@mantine/spotlight';
import { useLocalStorage } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { z } from 'zod';
import type { ToneName } from '../feedback/freshness.tsx';
import { ToneDot, ToneWord } from '../feedback/Tone.tsx';
import layout from './layout.module.css';
import overlay from './overlay.module.css';
import textStyles from '../text/text.module.css';

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

function Entry({ entry, kind, onRun }: { entry: PaletteEntry; kind: string; onRun: () => void }) {
  const { status } = entry;
  return (
    <Spotlight.Action className={overlay.paletteAction} onClick={onRun}>
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
    </Spotlight.Action>
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
      setIds([entry.id, ...ids.filter((id) => id !== entry.id)].slice(0, maxRecent));
      entry.run();
    },
  };
}

/** Shows and runs the given entries. Before anything is typed, recently run entries come first. */
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
  const rest = found.filter((entry) => !first.includes(entry));
  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      onSpotlightOpen={onOpen}
      onSpotlightClose={onClose}
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
        classNames={{ input: overlay.paletteSearch }}
      />
      <Spotlight.ActionsList className={overlay.paletteList}>
        {first.map((entry) => (
          <Entry key={entry.id} entry={entry} kind="recent" onRun={() => run(entry)} />
        ))}
        {rest.map((entry) => (
          <Entry key={entry.id} entry={entry} kind={entry.kind} onRun={() => run(entry)} />
        ))}
        {found.length === 0 ? (
          <Spotlight.Empty className={overlay.paletteEmpty}>No results</Spotlight.Empty>
        ) : null}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
