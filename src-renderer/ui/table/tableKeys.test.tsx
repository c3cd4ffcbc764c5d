import '../../../test-support/renderer/pageSetup.ts';
import { fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Column } from './column.ts';
import { DataTable } from './DataTable.tsx';
import { ExportMenu } from './ExportMenu.tsx';
import { KeySheet } from '../keyboard/KeySheet.tsx';
import { UiProvider } from '../UiProvider.tsx';

const columns: readonly Column<string>[] = [
  { id: 'name', header: 'Name', rank: 1, width: '90px', value: (row) => row, cell: (row) => row },
  {
    id: 'size',
    header: 'Size',
    rank: 1,
    width: '90px',
    value: (row) => row.length,
    cell: (row) => row.length,
  },
];
const rows = ['kiln-01', 'kiln-02', 'quay-01'];

const opened: string[] = [];
beforeEach(() => opened.splice(0));

function Page({ hasTicks = false }: { hasTicks?: boolean }) {
  const [selected, setSelected] = useState<string | null>(null);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  return (
    <UiProvider env="test">
      <ExportMenu name="list" columns={columns} rows={rows} />
      <DataTable
        label="List"
        columns={columns}
        rows={rows}
        rowKey={(row) => row}
        rowLabel={(row) => row}
        selectedKey={selected}
        onSelect={setSelected}
        onOpen={(row) => opened.push(row)}
        placeOf={(row) => `/appliance/${row}`}
        rowActions={(row) => [{ text: 'Open', run: () => opened.push(row) }]}
        empty="nothing"
        {...(hasTicks ? { ticks: { keys: ticked, onChange: setTicked } } : {})}
      />
    </UiProvider>
  );
}

function selectedLabel(): string | null | undefined {
  return screen.queryByRole('row', { selected: true })?.getAttribute('aria-label');
}

test('an open menu keeps its keys: the table behind it does not move', async () => {
  const user = userEvent.setup();
  render(<Page />);
  await user.keyboard('j');
  await user.click(screen.getByRole('button', { name: 'Export…' }));
  const item = await screen.findByRole('menuitem', { name: 'Save 3 rows as CSV' });
  item.focus();
  await user.keyboard('{ArrowDown}j{End}');
  expect(selectedLabel()).toBe('kiln-01');
});

test('arrows, Home and End scroll the page until the table has the cursor', async () => {
  const user = userEvent.setup();
  render(<Page />);
  for (const key of ['ArrowDown', 'ArrowUp', 'Home', 'End'])
    expect(fireEvent.keyDown(document.body, { key })).toBe(true);
  expect(selectedLabel()).toBeUndefined();
  screen.getByRole('grid').focus();
  await user.keyboard('{ArrowDown}{ArrowDown}');
  expect(selectedLabel()).toBe('kiln-02');
  await user.keyboard('{End}');
  expect(selectedLabel()).toBe('quay-01');
});

function tickedLabels(): (string | null)[] {
  return screen
    .getAllByRole<HTMLInputElement>('checkbox', { name: /^Select (?:kiln|quay)/u })
    .flatMap((box) => (box.checked ? [box.getAttribute('aria-label')] : []));
}

test('when the heading of the page has the focus, arrows move the cursor and Enter opens the row', async () => {
  const user = userEvent.setup();
  render(
    <main>
      <h1 tabIndex={-1}>List of all</h1>
      <Page />
    </main>,
  );
  screen.getByRole('heading', { name: 'List of all' }).focus();
  await user.keyboard('{ArrowDown}{ArrowDown}{Enter}');
  expect(opened).toEqual(['kiln-02']);
});

test.each([
  ['the checkbox of all rows', () => screen.getByRole('checkbox', { name: /all rows/u }), 3],
  ['the checkbox of another row', () => screen.getByRole('checkbox', { name: 'Select quay-01' }), 1],
  ['the name of a column', () => screen.getByRole('button', { name: 'Size' }), 0],
])('when Space is pressed on %s, only that is pressed', async (_name, control, tickedCount) => {
  const user = userEvent.setup();
  render(<Page hasTicks />);
  await user.keyboard('j');
  expect(selectedLabel()).toBe('kiln-01');
  control().focus();
  await user.keyboard(' ');
  expect(tickedLabels()).toHaveLength(tickedCount);
  expect(tickedLabels().includes('Select kiln-01')).toBe(tickedCount === 3);
  screen.getByRole('grid').focus();
  await user.keyboard(' ');
  expect(tickedLabels().includes('Select kiln-01')).toBe(tickedCount !== 3);
});

test('when a row is chosen, c copies its main cell', async () => {
  const user = userEvent.setup();
  const write = vi.spyOn(navigator.clipboard, 'writeText');
  render(<Page />);
  await user.keyboard('c');
  expect(write).not.toHaveBeenCalled();
  await user.keyboard('jjc');
  expect(write.mock.calls).toEqual([['kiln-02']]);
  expect(await screen.findByText('Name copied: kiln-02')).toBeDefined();
});

/** Presses a menu item. Returns the copied text and the message shown. */
async function pressItem(name: RegExp): Promise<string | undefined> {
  const write = vi.spyOn(navigator.clipboard, 'writeText');
  await userEvent.click(await screen.findByRole('menuitem', { name }));
  return write.mock.calls.at(-1)?.[0];
}

test('when a cell is clicked with the other button, a menu opens and nothing is copied before', async () => {
  const user = userEvent.setup();
  const write = vi.spyOn(navigator.clipboard, 'writeText');
  render(<Page />);
  const row = screen.getByRole('row', { name: 'kiln-02' });
  const open = async (cell: string) => {
    await user.pointer({ keys: '[MouseRight]', target: within(row).getByText(cell) });
    return screen.findByRole('menu', { name: 'Actions on kiln-02' });
  };
  await open('7');
  expect(write).not.toHaveBeenCalled();
  expect(await pressItem(/^Copy cell/u)).toBe('7');
  expect(await screen.findByText('Size copied: 7')).toBeDefined();
  await open('kiln-02');
  expect(await pressItem(/^Copy row/u)).toBe('kiln-02\t7');
  expect(await screen.findByText('Row copied: kiln-02')).toBeDefined();
  await open('kiln-02');
  expect(await pressItem(/^Copy link/u)).toMatch(/^http:.*#\/appliance\/kiln-02$/u);
  await open('kiln-02');
  await pressItem(/^Open/u);
  expect(opened).toEqual(['kiln-02']);
  expect(screen.queryByRole('menu')).toBeNull();
});

test.each(['{Shift>}{F10}{/Shift}', '{ContextMenu}'])(
  'when %s is pressed on a chosen row, its menu opens, and Esc goes back to the table',
  async (keys) => {
    const user = userEvent.setup();
    render(<Page />);
    await user.keyboard(keys);
    expect(screen.queryByRole('menu')).toBeNull();
    await user.keyboard(`jj${keys}`);
    const menu = await screen.findByRole('menu', { name: 'Actions on kiln-02' });
    await user.keyboard('{ArrowDown}');
    expect(menu.contains(document.activeElement)).toBe(true);
    await user.keyboard('{Escape}');
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('grid')));
    expect(selectedLabel()).toBe('kiln-02');
  },
);

function Sheet({ opened }: { opened: boolean }) {
  return (
    <UiProvider env="test">
      <KeySheet opened={opened} onClose={() => undefined} />
    </UiProvider>
  );
}

test('when the sheet of keys is open, it lists each key that the table obeys', async () => {
  render(<Page />);
  const { rerender } = render(<Sheet opened={false} />);
  rerender(<Sheet opened />);
  const sheet = within(await screen.findByRole('dialog', { name: 'Keyboard shortcuts' }));
  const keys = within(sheet.getByRole('region', { name: 'Table' }));
  expect(keys.getAllByRole('term').map((term) => term.textContent)).toEqual([
    'j or ↓',
    'k or ↑',
    'Home',
    'End',
    'Enter',
    'c',
    'Shift+F10 or ☰',
    'Esc',
  ]);
  expect(sheet.queryByText('Select the row for a bulk action')).toBeNull();
});
