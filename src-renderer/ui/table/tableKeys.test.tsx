import '../../../test-support/renderer/pageSetup.ts';
import { fireEvent, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import type { Column } from './column.ts';
import { DataTable } from './DataTable.tsx';
import { ExportMenu } from './ExportMenu.tsx';
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

function Page() {
  const [selected, setSelected] = useState<string | null>(null);
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
        empty="nothing"
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

test('c copies the chosen row’s main cell, and the row says so', async () => {
  const user = userEvent.setup();
  const write = vi.spyOn(navigator.clipboard, 'writeText');
  render(<Page />);
  await user.keyboard('c');
  expect(write).not.toHaveBeenCalled();
  await user.keyboard('jjc');
  expect(write.mock.calls).toEqual([['kiln-02']]);
  expect(screen.getByRole('row', { name: 'kiln-02' }).title).toContain('c copies');
});
