import { useMemo, useState } from 'react';
import type { PortRow } from '../../../../src-shared/contract/ports.ts';
import { useViewState } from '../../../state/navigate.ts';
import { views } from '../../../state/views.ts';
import { CompactSelect } from '../../../ui/form/CompactSelect.tsx';
import { ExportMenu } from '../../../ui/table/ExportMenu.tsx';
import { FilterField } from '../../../ui/layout/FilterChip.tsx';
import { BulkBar } from '../bulk/BulkBar.tsx';
import { useTunnelActions } from '../rowActions.ts';
import { rowKeyOf, type TenantOrder } from '../rows.ts';
import { exportedColumns, tunnelColumns } from './tunnelColumns.tsx';
import { TunnelTable } from './TunnelTable.tsx';
import card from '../../../ui/layout/Card.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../tenants.module.css';
import textStyles from '../../../ui/text/text.module.css';

const orders: readonly { value: TenantOrder; text: string }[] = [
  { value: 'tenant', text: 'by tenant' },
  { value: 'attention', text: 'needs attention first' },
  { value: 'destination', text: 'by destination' },
];

const number = new Intl.NumberFormat('en-US');

/** The selected rows. Rows that the filter hides stay selected, but no action applies to them. */
function useTicked(rows: readonly PortRow[]) {
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  const ticked = useMemo(
    () => (keys.size === 0 ? [] : rows.filter((row) => keys.has(rowKeyOf(row)))),
    [rows, keys],
  );
  return { ticked, ticks: { keys, onChange: setKeys }, clear: () => setKeys(new Set()) };
}

function TableBar({ name, rows }: { name: string; rows: readonly PortRow[] }) {
  const [{ q, order }, changeView] = useViewState(views.tenants);
  return (
    <div className={styles.tableBar}>
      <FilterField value={q} onChange={(text) => changeView({ q: text })} label="Filter tunnels" />
      <CompactSelect
        label="Order"
        value={order}
        options={orders}
        onChange={(chosen) => changeView({ order: chosen, sort: '' }, { push: true })}
      />
      <span className={layout.grow} />
      <span className={`${textStyles.faint} ${textStyles.tabular} ${styles.tableCount}`}>
        {number.format(rows.length)} shown
      </span>
      <ExportMenu name={name} columns={exportedColumns} rows={rows} />
    </div>
  );
}

/** The table of tunnels with its filter and its order. */
export function TableCard({
  name,
  withAppliance,
  rows,
  placeOf,
  selected,
  onSelect,
  nothing,
}: {
  name: string;
  withAppliance: boolean;
  rows: readonly PortRow[];
  placeOf: (row: PortRow, port: number | null) => string;
  selected: string | null;
  onSelect: (key: string | null, by: 'click' | 'key') => void;
  nothing: string;
}) {
  const [{ order, sort }, changeView] = useViewState(views.tenants);
  const columns = useMemo(
    () =>
      tunnelColumns({
        withAppliance,
        order,
        placeOf: (row) => placeOf(row, null),
      }),
    [withAppliance, order, placeOf],
  );
  const { ticks, ticked, clear } = useTicked(rows);
  const rowActions = useTunnelActions(placeOf);
  return (
    <div className={`${card.card} ${layout.splitTable}`}>
      <TableBar name={name} rows={rows} />
      {ticked.length === 0 ? null : <BulkBar name={name} rows={ticked} onClear={clear} />}
      <div className={styles.tablePlace}>
        <TunnelTable
          columns={columns}
          rows={rows}
          order={order}
          selected={selected}
          onSelect={onSelect}
          sort={sort}
          onSort={(next) => changeView({ sort: next })}
          nothing={nothing}
          ticks={ticks}
          placeOf={(row) => placeOf(row, row.port)}
          rowActions={rowActions}
        />
      </div>
    </div>
  );
}
