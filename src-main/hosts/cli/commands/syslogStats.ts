import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import { dayMs, formatInstant } from '../../../../src-shared/base/time.ts';
import { readExportedGap } from '../../../../src-shared/model/syslog/export/exportedGap.ts';
import { readLogStats, type LogStats } from '../../../syslog/search/logStats.ts';
import { formatValue } from '../output.ts';
import { gapText } from './gapText.ts';
import { stopSignal } from '../stopSignal.ts';
import { noAppliancesText, pollAppliances, withConsole, type Globals } from '../withConsole.ts';
import { chooseAppliances, readTime, updateLogs } from './keptLines.ts';

export type SyslogStats = {
  names: readonly string[];
  since?: string;
  until?: string;
  top: number;
  offline: boolean;
};

const instant = (at: number): string => new Date(at).toISOString();
const instantText = (at: number): string => formatInstant(instant(at));
const isoSpan = ({ from, to }: { from: number; to: number }) => ({ from: instant(from), to: instant(to) });

/** The figures as JSON has them: with instants in place of numbers. */
function toJson(appliance: string, { kept, gaps, counted }: LogStats) {
  const { range, ...usage } = kept;
  return {
    appliance,
    kept: { ...usage, ...(range === null ? { from: null, to: null } : isoSpan(range)) },
    gaps: gaps.map((gap) => readExportedGap(gap, appliance)),
    counted:
      counted === null
        ? null
        : { ...counted, ...isoSpan(counted), busiest: { ...counted.busiest, ...isoSpan(counted.busiest) } },
  };
}

function keptText(name: string, { kept, gaps }: LogStats): string[] {
  const { lines, range, sources, textBytes, keptBytes, limits } = kept;
  const between = range === null ? '' : `, from ${instantText(range.from)} to ${instantText(range.to)}`;
  const share = textBytes === 0 ? '' : `, ${Math.round((keptBytes / textBytes) * 100)} %`;
  return [
    `Kept: ${formatCount(lines)} lines of ${sources} ${sources === 1 ? 'file' : 'files'}${between}`,
    `On disk: ${formatCount(keptBytes)} bytes for ${formatCount(textBytes)} bytes of text${share}; at most ${formatCount(limits.maxBytes)} bytes and ${Math.round(limits.maxAgeMs / dayMs)} days`,
    ...(gaps.length === 0 ? ['Gaps: none'] : []),
    ...gaps.map((gap) => gapText(readExportedGap(gap, name))),
  ];
}

const countsText = (values: readonly { value: string; count: number }[]): string =>
  values.map(({ value, count }) => `${formatValue(value)} ${formatCount(count)}`).join(', ') || 'none';

function countedText({ counted }: LogStats): string[] {
  if (counted === null) return ['Counted: no lines in this time range'];
  const { from, to, lines, perHour, busiest, severities, programs, tenants } = counted;
  const others = programs.others === 0 ? '' : `, others ${formatCount(programs.others)}`;
  const uncounted = tenants.uncounted === 0 ? '' : `; ${tenants.uncounted} tenants were not counted`;
  return [
    `Counted: ${formatCount(lines)} lines from ${instantText(from)} to ${instantText(to)}, ${formatCount(Math.round(perHour))} an hour`,
    `Busiest: ${formatCount(busiest.lines)} lines from ${instantText(busiest.from)} to ${instantText(busiest.to)}`,
    `Severities: ${countsText(severities.map(({ severity, count }) => ({ value: severity ?? 'none', count })))}`,
    `Programs: ${countsText(programs.values)}${others}`,
    `Tenants: ${countsText(tenants.values)}${uncounted}`,
  ];
}

/** Prints what is kept of each appliance, and counts its lines by value. */
export function syslogStats(globals: Globals, request: SyslogStats): Promise<number> {
  const { output } = globals;
  const from = request.since === undefined ? null : readTime('--since', request.since).start;
  const to = request.until === undefined ? null : readTime('--until', request.until).end - 1;
  return withConsole(globals, async (services) => {
    const entries = chooseAppliances(services, request.names);
    if (entries.length === 0) {
      output.printError(noAppliancesText);
      return exitCodes.done;
    }
    if (!request.offline) {
      await pollAppliances(services, entries, output);
      const stop = stopSignal();
      await updateLogs(globals, services, entries, stop.signal).finally(stop.release);
    }
    const all: { name: string; stats: LogStats }[] = [];
    for (const { id, name } of entries) {
      const clientIds = services.ports.tenants(id).map(({ tenant }) => tenant.clientId);
      const what = { applianceId: id, clientIds, from, to, top: request.top };
      const stats = await readLogStats(services.keptLogs.engine(), services.logs, what, () =>
        performance.now(),
      );
      all.push({ name, stats });
    }
    output.print(
      all.map(({ name, stats }) => toJson(name, stats)),
      () =>
        all
          .map(({ name, stats }) =>
            [
              formatValue(name),
              ...[...keptText(name, stats), ...countedText(stats)].map((text) => `  ${text}`),
            ].join('\n'),
          )
          .join('\n\n'),
    );
    return exitCodes.done;
  });
}
