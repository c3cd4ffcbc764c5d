import { Modal } from '@mantine/core';
import { Spotlight, spotlight } from '@mantine/spotlight';
import { useMemo, useState } from 'react';
import layout from './layout.module.css';
import overlay from './overlay.module.css';
import textStyles from '../text/text.module.css';

/** One thing that the palette reaches. `words` is what the typed text is looked for in, beside label and kind. */
export type PaletteEntry = {
  id: string;
  kind: string;
  label: string;
  detail?: string;
  machine?: boolean;
  run: () => void;
};

export function openPalette(): void {
  spotlight.open();
}

const shownEntries = 30;

/** Entries that hold every typed word; those whose label starts with the text come first. */
export function findEntries(entries: readonly PaletteEntry[], query: string): PaletteEntry[] {
  const words = query.toLowerCase().split(/\s+/u).filter(Boolean);
  const starts: PaletteEntry[] = [];
  const others: PaletteEntry[] = [];
  for (const entry of entries) {
    const text = `${entry.label} ${entry.kind} ${entry.detail ?? ''}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    if (words[0] !== undefined && entry.label.toLowerCase().startsWith(words[0])) starts.push(entry);
    else others.push(entry);
    if (starts.length >= shownEntries) break;
  }
  return [...starts, ...others].slice(0, shownEntries);
}

/** Knows nothing but the entries it is given. */
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
        {found.map((entry) => (
          <Spotlight.Action key={entry.id} className={overlay.paletteAction} onClick={entry.run}>
            <span className={overlay.kind}>{entry.kind}</span>
            <span className={entry.machine ? textStyles.mono : undefined}>{entry.label}</span>
            <span className={`${layout.grow} ${textStyles.faint} ${textStyles.clip} ${textStyles.mono}`}>
              {entry.detail}
            </span>
          </Spotlight.Action>
        ))}
        {found.length === 0 ? (
          <Spotlight.Empty className={overlay.paletteEmpty}>No results</Spotlight.Empty>
        ) : null}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
