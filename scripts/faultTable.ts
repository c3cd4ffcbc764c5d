import { labFaults } from '../src-appliance/lab/faults/labFaults.ts';
import { clientKinds, clientNames, type ClientKind } from '../test-support/faultMatrix/clientKinds.ts';
import type { FaultRow } from '../test-support/faultMatrix/faultRow.ts';
import { faultRows } from '../test-support/faultMatrix/faultRows.ts';
import { readMeasuredFaults, type MeasuredFault } from '../test-support/faultMatrix/measuredFaults.ts';
import { table } from './markdownTable.ts';

/** One cell of the table. Throws if the matrix test measured another verdict. */
function cellText(row: FaultRow, kind: ClientKind, measured: readonly MeasuredFault[]): string {
  const expected = row.expected[kind];
  if ('notApplicable' in expected) return `not applicable: ${expected.notApplicable}`;
  const found = measured.find(({ fault, client }) => fault === row.name && client === kind);
  if (found === undefined) return `${expected.code}, ${expected.side}, not measured yet`;
  if (found.code !== expected.code || found.side !== expected.side)
    throw new Error(`docs/faults.json has ${found.code} for ${row.name} with ${kind}: run the matrix test`);
  const time = `${found.seconds.toFixed(0)} s`;
  if (row.evidence !== undefined) return `${found.code}, with a warning after ${time}`;
  if (row.session === 'same') return `${found.code}, goes on`;
  return found.side === 'none'
    ? `${found.code}, back after ${time}`
    : `${found.code}, ${found.side}, ${time}`;
}

/** The verdict about each fault with each client, as the matrix test measured it. */
export function faultTable(): string {
  const measured = readMeasuredFaults();
  return table(
    ['Fault', 'At most', ...clientKinds.map((kind) => clientNames[kind])],
    faultRows.map((row) => [
      row.fault,
      `${row.withinSeconds} s`,
      ...clientKinds.map((kind) => cellText(row, kind, measured)),
    ]),
  );
}

/** The faults that the lab can cause. */
export function galleryTable(): string {
  return table(
    ['Name', 'What happens', 'Code', 'Side'],
    labFaults.map(({ name, summary, code, side }) => [`\`${name}\``, summary, code, side]),
  );
}
