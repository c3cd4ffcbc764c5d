import '../../../test-support/renderer/pageSetup.ts';
import { spotlight } from '@mantine/spotlight';
import { render, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { UiProvider } from '../UiProvider.tsx';
import { CommandPalette, openPalette, type PaletteEntry } from './CommandPalette.tsx';

const ran = vi.fn<(id: string) => void>();

const entriesOf = (labels: readonly string[]): PaletteEntry[] =>
  labels.map((label) => ({ id: label, kind: 'tenant', label, run: () => ran(label) }));

function Page({ labels }: { labels: readonly string[] }) {
  return (
    <UiProvider env="test">
      <CommandPalette entries={entriesOf(labels)} onOpen={() => undefined} onClose={() => undefined} />
    </UiProvider>
  );
}

/** Opens the palette with these entries. `change` replaces them. */
async function open(labels: readonly string[], typed: string) {
  const user = userEvent.setup();
  const { rerender } = render(<Page labels={labels} />);
  openPalette();
  await user.type(await screen.findByLabelText('Go to'), typed);
  return { user, change: (next: readonly string[]) => rerender(<Page labels={next} />) };
}

/** The labels of the selected entries. */
const selected = () =>
  screen.queryAllByRole('option', { selected: true }).map((option) => option.children[1]?.textContent);

afterEach(async () => {
  spotlight.close();
  await vi.waitUntil(() => screen.queryByRole('dialog') === null);
  ran.mockReset();
  localStorage.clear();
});

test('when entries arrive after typing, the first is selected, and Enter runs it', async () => {
  const { user, change } = await open([], 'nor');
  expect(screen.getByText('No results')).toBeDefined();
  await user.keyboard('{Enter}');
  expect(screen.getByRole('dialog')).toBeDefined();
  change(['northwind', 'norbert']);
  expect(selected()).toEqual(['northwind']);
  await user.keyboard('{Enter}');
  expect(ran).toHaveBeenCalledExactlyOnceWith('northwind');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('when an entry arrives before the others, it is selected as the first', async () => {
  const { user, change } = await open(['norbert'], 'nor');
  change(['northwind', 'norbert']);
  expect(selected()).toEqual(['northwind']);
  await user.keyboard('{Enter}');
  expect(ran).toHaveBeenCalledExactlyOnceWith('northwind');
});

test('when entries are replaced by others, the first of these is selected', async () => {
  const { user, change } = await open(['northwind', 'norbert'], 'nor');
  await user.keyboard('{ArrowDown}');
  change(['norma', 'norilsk']);
  expect(selected()).toEqual(['norma']);
  await user.keyboard('{Enter}');
  expect(ran).toHaveBeenCalledExactlyOnceWith('norma');
});

test('when the user moved the selection, the entry stays selected while entries arrive and go', async () => {
  const { user, change } = await open(['northwind', 'norbert', 'norma'], 'nor');
  await user.keyboard('{ArrowDown}{ArrowDown}');
  expect(selected()).toEqual(['norma']);
  change(['norilsk', 'northwind', 'norbert', 'norma']);
  expect(selected()).toEqual(['norma']);
  await user.keyboard('m');
  expect(selected()).toEqual(['norma']);
  expect(screen.getAllByRole('option')).toHaveLength(1);
  await user.keyboard('{Enter}');
  expect(ran).toHaveBeenCalledExactlyOnceWith('norma');
});

test('when the selected entry goes, the first is selected, also after it came back', async () => {
  const { user, change } = await open(['northwind', 'norbert'], 'nor');
  await user.keyboard('{ArrowDown}');
  expect(selected()).toEqual(['norbert']);
  change(['northwind']);
  expect(selected()).toEqual(['northwind']);
  change(['northwind', 'norbert']);
  expect(selected()).toEqual(['northwind']);
});

test('when an arrow leaves the last entry, the first is selected, and back', async () => {
  const { user } = await open(['northwind', 'norbert'], 'nor');
  await user.keyboard('{ArrowUp}');
  expect(selected()).toEqual(['norbert']);
  await user.keyboard('{ArrowDown}');
  expect(selected()).toEqual(['northwind']);
  const field = screen.getByRole('combobox', { name: 'Go to' });
  const option = screen.getByRole('option', { selected: true });
  expect(field.getAttribute('aria-activedescendant')).toBe(option.id);
});
