/** The columns that can be hidden, with their widths. Time and message are always shown. */
export const columnFacts = {
  skew: { text: 'Skew', width: 108 },
  appliance: { text: 'Appliance', width: 84 },
  severity: { text: 'Severity', width: 48 },
  program: { text: 'Program', width: 132 },
} as const;
export type ColumnName = keyof typeof columnFacts;
export type Columns = Readonly<Record<ColumnName, boolean>>;

export const columnNames = [
  'skew',
  'appliance',
  'severity',
  'program',
] as const satisfies readonly ColumnName[];

/** The grid of a line: its edge, its time, the shown columns and the message. */
export function gridOf(columns: Columns): string {
  const shown = columnNames.filter((name) => columns[name]).map((name) => `${columnFacts[name].width}px`);
  return ['4px', '126px', ...shown, 'minmax(0, 1fr)'].join(' ');
}
