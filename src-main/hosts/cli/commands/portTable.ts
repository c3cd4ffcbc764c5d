import type { PortRow } from '../../../../src-shared/contract/ports.ts';
import { terminalPortColumns } from '../../../../src-shared/model/tunnels/portColumns.ts';
import { formatTable } from '../output.ts';

export function portTable(rows: readonly PortRow[]): string {
  return formatTable(
    terminalPortColumns.map(({ header }) => header),
    rows.map((row) => terminalPortColumns.map(({ value }) => value(row))),
  );
}
