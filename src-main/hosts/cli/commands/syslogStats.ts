import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import { dayMs, formatInstant } from '../../../../src-shared/base/time.ts';
import type { ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import { readExportedGap } from '../../../../src-shared/model/syslog/export/exportedGap.ts';
import type { Services } from '../../../services.ts';
import { readLogStats, type LogStats, type StatsRequest } from '../../../syslog/search/logStats.ts';
import { formatValue } from '../output.ts';
import { gapText } from './gapText.ts';
import { untilStopped } from '../stopSignal.ts';
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

type NamedStats = { name: string; stats: LogStats };

/** Reads the figures of each appliance, after its newest lines. */
async function readStats(
  globals: Globals,
  services: Services,
  request: Pick<StatsRequest, 'from' | 'to' | 'top'> & {
    entries: readonly ApplianceEntry[];
    offline: boolean;
  },
  signal: AbortSignal,
): Promise<NamedStats[]> {
  const { entries, from, to, top } = request;
  if (!request.offline) await updateLogs(globals, services, entries, signal);
  const all: NamedStats[] = [];
  for (const { id, name } of entries) {
    const clientIds = services.ports.tenants(id).map(({ tenant }) => tenant.clientId);
    const what = { applianceId: id, clientIds, from, to, top };
    const engine = services.keptLogs.engine();
    all.push({ name, stats: await readLogStats(engine, services.logs, what, () => performance.now()) });
  }
  return all;
}

function statsText({ name, stats }: NamedStats): string {
  const lines = [...keptText(name, stats), ...countedText(stats)];
  return [formatValue(name), ...lines.map((text) => `  ${text}`)].join('\n');
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
    const { offline, top } = request;
    if (!offline) await pollAppliances(services, entries, output);
    const what = { entries, from, to, top, offline };
    const all = await untilStopped((signal) => readStats(globals, services, what, signal));
    output.print(
      all.map(({ name, stats }) => toJson(name, stats)),
      () => all.map(statsText).join('\n\n'),
    );
    return exitCodes.done;
  });
}
