import type { PortRow } from '../../../../src-shared/contract/ports.ts';
import type { Column } from '../../../ui/table/column.ts';
import { DataTable, type DataTableProps } from '../../../ui/table/DataTable.tsx';
import { focusDetail } from '../../../ui/layout/Split.tsx';
import { rowKeyOf, rowLabelOf, type TenantOrder, tenantKeyOf } from '../rows.ts';

function destinationKeyOf(row: PortRow): string {
  return row.destination ?? '';
}

/** The table of tunnels. A tenant’s name is shown only in its first row. */
export function TunnelTable(
  props: {
    columns: readonly Column<PortRow>[];
    rows: readonly PortRow[];
    selected: string | null;
    onSelect: (key: string | null, by: 'click' | 'key') => void;
    /** The sort order in the format of `DataTable`. */
    sort?: string;
    onSort?: (sort: string) => void;
    nothing: string;
    order?: TenantOrder;
    onOpen?: (row: PortRow) => void;
    fit?: boolean;
  } & Pick<DataTableProps<PortRow>, 'ticks' | 'placeOf' | 'rowActions'>,
) {
  return (
    <DataTable
      label="Tunnels"
      columns={props.columns}
      rows={props.rows}
      rowKey={rowKeyOf}
      rowLabel={rowLabelOf}
      groupKey={props.order === 'destination' ? destinationKeyOf : tenantKeyOf}
      selectedKey={props.selected}
      onSelect={props.onSelect}
      {...(props.sort === undefined ? {} : { sort: props.sort })}
      {...(props.onSort === undefined ? {} : { onSort: props.onSort })}
      empty={props.nothing}
      {...(props.onOpen === undefined
        ? { onOpen: focusDetail, openText: 'Move to the row’s details; Esc returns to the row' }
        : { onOpen: props.onOpen, opensOnClick: true })}
      fit={props.fit ?? false}
      {...(props.ticks === undefined ? {} : { ticks: props.ticks })}
      {...(props.placeOf === undefined ? {} : { placeOf: props.placeOf })}
      {...(props.rowActions === undefined ? {} : { rowActions: props.rowActions })}
    />
  );
}
