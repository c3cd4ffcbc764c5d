import type { Column } from '../../../ui/DataTable.tsx';
import { DataTable } from '../../../ui/DataTable.tsx';
import type { TunnelRow } from '../rows.ts';

function keyOf(row: TunnelRow): string {
  return row.key;
}

function groupOf(row: TunnelRow): string {
  return `${row.view.applianceId}/${row.view.tenant.clientId}`;
}

function labelOf(row: TunnelRow): string {
  return `${row.view.tenant.clientId}${row.tunnel.port === null ? '' : ` ${row.tunnel.port}`}`;
}

/** Tunnels by tenant; a tenant's name stands once, before its first. */
export function TunnelTable(props: {
  columns: readonly Column<TunnelRow>[];
  rows: readonly TunnelRow[];
  selected: string | null;
  onSelect: (key: string | null) => void;
  nothing: string;
  onOpen?: (row: TunnelRow) => void;
  fit?: boolean;
}) {
  return (
    <DataTable
      label="Tunnels"
      columns={props.columns}
      rows={props.rows}
      rowKey={keyOf}
      rowLabel={labelOf}
      groupKey={groupOf}
      selectedKey={props.selected}
      onSelect={props.onSelect}
      empty={props.nothing}
      {...(props.onOpen === undefined ? {} : { onOpen: props.onOpen, opensOnClick: true })}
      fit={props.fit ?? false}
    />
  );
}
