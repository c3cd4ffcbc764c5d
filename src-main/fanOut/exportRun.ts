import { formatCsvTable } from '../../src-shared/base/csvCell.ts';
import { describeComparison } from '../../src-shared/model/fanOut/compareOutputs.ts';
import { formatRun, type RunView } from '../../src-shared/model/fanOut/fleetRun.ts';
import { applianceStates, skipReasons } from '../../src-shared/model/fanOut/runStates.ts';
import type { StoredResult } from './runRows.ts';

export const runExportFormats = ['csv', 'json'] as const;
export type RunExportFormat = (typeof runExportFormats)[number];

const columns = [
  'run',
  'appliance',
  'production',
  'state',
  'skipped_because',
  'exit_code',
  'milliseconds',
  'tunnels_answering',
  'tunnels',
  'revision_before',
  'revision_after',
  'compared_with_most',
  'note',
  'output',
] as const;

/** The results of a run with their outputs, as a file. */
export function exportRun(
  view: RunView,
  results: readonly StoredResult[],
  format: RunExportFormat,
): { name: string; text: string } {
  const run = formatRun(view.number);
  const outputs = new Map(results.map(({ applianceId, output }) => [applianceId, output]));
  const name = `${run}.${format}`;
  const rows = view.results.map((result) => ({ ...result, output: outputs.get(result.applianceId) ?? null }));
  if (format === 'json')
    return { name, text: `${JSON.stringify({ format: 1, run, ...view, results: rows }, null, 2)}\n` };
  const cells = rows.map((row) => [
    run,
    row.name,
    row.isProduction,
    applianceStates[row.state].word,
    row.skip === null ? null : skipReasons[row.skip].word,
    row.exitCode,
    row.milliseconds,
    row.tunnels?.answering ?? null,
    row.tunnels?.total ?? null,
    row.revision?.before ?? null,
    row.revision?.after ?? null,
    describeComparison(row.comparison),
    row.note,
    row.output,
  ]);
  return { name, text: `${formatCsvTable(columns, cells)}\r\n` };
}
