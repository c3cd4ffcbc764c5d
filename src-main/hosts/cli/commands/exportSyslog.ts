import type { ExportFormat } from '../../../../src-shared/model/syslog/export/exportFormats.ts';
import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { race } from '../../../../src-shared/base/race.ts';
import { AppError } from '../../../../src-shared/errors.ts';
import { describeExport } from '../../../syslog/export/describeExport.ts';
import {
  exportLogs,
  previewExport,
  type ExportSummary,
  type LogExport,
} from '../../../syslog/export/exportLogs.ts';
import { namesToHide } from '../../../syslog/export/namesToHide.ts';
import { formatValue } from '../output.ts';
import { gapText } from './gapText.ts';
import type { RedactionRequest } from '../redactionOptions.ts';
import { stopSignal } from '../stopSignal.ts';
import { noAppliancesText, withConsole, type Globals } from '../withConsole.ts';
import { chooseAppliances, readQuery, updateLogs } from './keptLines.ts';
import { createChosenRedactor, formatRedaction } from './redaction.ts';

export type SyslogExport = RedactionRequest & {
  names: readonly string[];
  query: string;
  format: ExportFormat;
  out?: string;
  offline: boolean;
};

function gapsText({ gaps }: ExportSummary): string {
  if (gaps.length === 0) return 'No gap in this range.';
  const count = gaps.length === 1 ? 'a gap' : `${gaps.length} gaps`;
  return [`Lines are missing: this range has ${count}.`, ...gaps.map(gapText)].join('\n');
}

function summaryText(summary: ExportSummary): string {
  const { lines, from, to, redaction } = summary;
  const range = from === null || to === null ? '' : `, from ${from} to ${to}`;
  return `${lines} ${lines === 1 ? 'line' : 'lines'}${range}\n${gapsText(summary)}\n${formatRedaction(redaction)}`;
}

async function printPreview({ output }: Globals, what: LogExport): Promise<void> {
  for await (const { lines, summary, isDone } of previewExport(what, Infinity))
    if (isDone)
      output.print({ preview: lines, ...summary }, () =>
        [...lines.map(({ raw }) => formatValue(raw)), summaryText(summary)].join('\n'),
      );
}

/** Writes kept lines into a new folder, or shows what it would write. */
export function exportSyslog(globals: Globals, request: SyslogExport): Promise<number> {
  const query = readQuery(request.query);
  const { output } = globals;
  return withConsole(globals, async (services) => {
    const { inventory, fleet, keptLogs, audit } = services;
    const entries = chooseAppliances(services, request.names);
    if (entries.length === 0) {
      output.printError(noAppliancesText);
      return exitCodes.done;
    }
    const redactor = createChosenRedactor(request, namesToHide(inventory.list(), fleet));
    const { signal } = stopSignal();
    if (!request.offline) await updateLogs(globals, services, entries, signal);
    const appliances = Object.fromEntries(entries.map(({ id, name }) => [id, name]));
    const what = { engine: keptLogs.engine(), search: { query, appliances }, redactor };
    if (request.preview) {
      await race(printPreview(globals, what), { signal });
      return exitCodes.done;
    }
    const folder = request.out;
    if (folder === undefined) throw new AppError('INVALID_INPUT', 'Add --out FOLDER, or --preview.');
    const action = {
      event: 'syslog.export',
      object: entries.map(({ name }) => name).join(', '),
      detail: `${request.query === '' ? 'all lines' : request.query} → ${folder}`,
    } as const;
    const about = describeExport({
      appliances: entries.map(({ name }) => name),
      query: request.query,
      at: Date.now(),
      redactor,
    });
    const { files, summary } = await audit.act(action, () =>
      exportLogs({ ...what, folder, format: request.format, about, signal }),
    );
    output.print({ folder, files, ...summary }, () => `${folder}: ${summaryText(summary)}`);
    return exitCodes.done;
  });
}
