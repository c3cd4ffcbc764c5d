import { csvTable } from '../../../../src-shared/base/csvCell.ts';
import { formatDuration, dayMs } from '../../../../src-shared/base/time.ts';
import type { TunnelAvailability } from '../../../../src-shared/contract/ports.ts';
import { AppError } from '../../../../src-shared/errors.ts';
import { table } from '../output.ts';
import { named, withConsole, type Globals } from '../withConsole.ts';

type Period = { from: string; to: string };

/** Percent of the watched time, or null if it was never watched. Rounded down: an outage never shows as 100. */
export function availabilityPercent({ upMs, watchedMs }: { upMs: number; watchedMs: number }): number | null {
  return watchedMs === 0 ? null : Math.floor((upMs / watchedMs) * 100_000) / 1_000;
}

const seconds = (milliseconds: number) => Math.round(milliseconds / 1_000);

/** CSV with a row for each tunnel. */
export function availabilityCsv(tunnels: readonly TunnelAvailability[], { from, to }: Period): string {
  return csvTable(
    ['appliance', 'tenant', 'port', 'from', 'to', 'watched_s', 'up_s', 'availability_percent', 'outages'],
    tunnels.map((tunnel) => [
      tunnel.applianceName,
      tunnel.clientId,
      tunnel.port,
      from,
      to,
      seconds(tunnel.watchedMs),
      seconds(tunnel.upMs),
      availabilityPercent(tunnel),
      tunnel.outages.length,
    ]),
  );
}

/** CSV with a row for each outage. `end` is empty if the end was not seen. */
export function outagesCsv(tunnels: readonly TunnelAvailability[]): string {
  return csvTable(
    ['appliance', 'tenant', 'port', 'start', 'end', 'code', 'reason'],
    tunnels.flatMap(({ applianceName, clientId, port, outages }) =>
      outages.map(({ start, end, code, reason }) => [
        applianceName,
        clientId,
        port,
        start,
        end,
        code,
        reason,
      ]),
    ),
  );
}

function availabilityTable(tunnels: readonly TunnelAvailability[], days: number): string {
  if (tunnels.length === 0) return `No tunnel was watched in the last ${days} d.`;
  return table(
    ['APPLIANCE', 'TENANT', 'PORT', 'AVAILABLE %', 'OF WATCHED', 'OUTAGES', 'LAST OUTAGE'],
    tunnels.map((tunnel) => {
      const last = tunnel.outages.at(-1);
      return [
        tunnel.applianceName,
        tunnel.clientId,
        tunnel.port,
        availabilityPercent(tunnel),
        formatDuration(tunnel.watchedMs),
        tunnel.outages.length,
        last === undefined ? null : `${last.start} ${last.code} ${last.reason}`,
      ];
    }),
  );
}

/** Prints how available tunnels were in the last days, from stored history. Connects to no appliance. */
export function printAvailability(
  globals: Globals,
  options: {
    name: string | undefined;
    clientId: string | undefined;
    days: number;
    csv: boolean;
    outages: boolean;
  },
): Promise<number> {
  const { output } = globals;
  if (options.csv && output.json) throw new AppError('INVALID_INPUT', "--csv can't be combined with --json.");
  if (options.outages && !options.csv)
    throw new AppError('INVALID_INPUT', '--outages needs --csv. --json always lists outages.');
  return withConsole(globals, (services) => {
    const now = Date.now();
    const period = {
      from: new Date(now - options.days * dayMs).toISOString(),
      to: new Date(now).toISOString(),
    };
    const tunnels = services.ports.availability({
      applianceId: options.name === undefined ? null : named(services, options.name).id,
      clientId: options.clientId ?? null,
      ...period,
    });
    if (options.csv)
      output.line(tunnels, () => (options.outages ? outagesCsv(tunnels) : availabilityCsv(tunnels, period)));
    else output.print({ ...period, items: tunnels }, () => availabilityTable(tunnels, options.days));
    return 0;
  });
}
