import { formatDuration, dayMs } from '../../../../src-shared/base/time.ts';
import type { TunnelAvailability } from '../../../../src-shared/contract/ports.ts';
import {
  availabilityCsv,
  availabilityPercent,
  outagesCsv,
} from '../../../../src-shared/model/tunnels/availabilityReport.ts';
import { AppError } from '../../../../src-shared/errors.ts';
import { formatTable } from '../output.ts';
import { findAppliance, withConsole, type Globals } from '../withConsole.ts';

function availabilityTable(tunnels: readonly TunnelAvailability[], days: number): string {
  if (tunnels.length === 0) return `No tunnel was monitored in the last ${days} days.`;
  return formatTable(
    ['APPLIANCE', 'TENANT', 'PORT', 'AVAILABLE %', 'MONITORED', 'OUTAGES', 'LAST OUTAGE'],
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

/** Prints how long tunnels were up in the last days, from stored history. Connects to no appliance. */
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
  if (options.csv && output.json) throw new AppError('INVALID_INPUT', '--csv can’t be combined with --json.');
  if (options.outages && !options.csv)
    throw new AppError('INVALID_INPUT', '--outages needs --csv. --json always lists outages.');
  return withConsole(globals, (services) => {
    const now = Date.now();
    const period = {
      from: new Date(now - options.days * dayMs).toISOString(),
      to: new Date(now).toISOString(),
    };
    const tunnels = services.ports.availability({
      applianceId: options.name === undefined ? null : findAppliance(services, options.name).id,
      clientId: options.clientId ?? null,
      ...period,
    });
    if (options.csv)
      output.line(tunnels, () => (options.outages ? outagesCsv(tunnels) : availabilityCsv(tunnels, period)));
    else output.print({ ...period, items: tunnels }, () => availabilityTable(tunnels, options.days));
    return 0;
  });
}
