import type { PortRow } from '../../../../src-shared/contract/ports.ts';
import { terminalPortColumns } from '../../../../src-shared/model/tunnels/portColumns.ts';
import { toneColours } from '../../../../src-shared/model/tunnels/tone.ts';
import { formatTable, type Paint } from '../output.ts';

export function portTable(rows: readonly PortRow[], paint?: Paint): string {
  return formatTable(
    terminalPortColumns.map(({ header }) => header),
    rows.map((row) =>
      terminalPortColumns.map(({ isState = false, value }) => {
        const shown = value(row);
        return isState ? { text: String(shown), colour: toneColours[row.tone] } : shown;
      }),
    ),
    paint,
  );
}
