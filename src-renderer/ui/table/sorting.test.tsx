import '../../../test-support/renderer/pageSetup.ts';
import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { Column } from './column.ts';
import { DataTable } from './DataTable.tsx';
import { UiProvider } from '../UiProvider.tsx';

type Row = { name: string; port: number | null };
const columns: readonly Column<Row>[] = [
  { id: 'port', header: 'Port', rank: 1, width: '90px', value: (row) => row.port, cell: (row) => row.port },
];
const rows: Row[] = [
  { name: 'none', port: null },
  { name: 'low', port: 2200 },
  { name: 'high', port: 2210 },
];

const namesShown = () =>
  screen
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.getAttribute('aria-label'));

test('rows without a value stand last, whichever way the column is sorted', async () => {
  const user = userEvent.setup();
  render(
    <UiProvider env="test">
      <DataTable
        label="List"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.name}
        rowLabel={(row) => row.name}
        selectedKey={null}
        onSelect={() => undefined}
        empty="nothing"
      />
    </UiProvider>,
  );
  const head = screen.getByRole('columnheader', { name: /Port/u });
  const press = async () => user.click(head.querySelector('button') ?? head);
  const seen: (string | null)[][] = [];
  await press();
  seen.push(namesShown());
  await press();
  seen.push(namesShown());
  expect(seen).toHaveLength(2);
  expect(seen).toContainEqual(['low', 'high', 'none']);
  expect(seen).toContainEqual(['high', 'low', 'none']);
});
