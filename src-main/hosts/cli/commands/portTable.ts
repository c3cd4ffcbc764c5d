import type { PortRow } from '../../../../src-shared/contract/ports.ts';
import { terminalPortColumns } from '../../../../src-shared/model/tunnels/portColumns.ts';
import { table } from '../output.ts';

export function portTable(rows: readonly PortRow[]): string {
  return table(
    terminalPortColumns.map(({ header }) => header),
    rows.map((row) => terminalPortColumns.map(({ value }) => value(row))),
  );
}
