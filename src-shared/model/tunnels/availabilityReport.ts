import { formatCsvTable } from '../../base/csvCell.ts';

type Base = { upMs: number; watchedMs: number };
type ReportedTunnel = Base & {
  applianceName: string;
  clientId: string;
  port: number | null;
  outages: readonly { start: string; end: string | null; code: string; reason: string }[];
};

/**
 * Percent of the watched time; null if the tunnel was never watched. Rounded down, so that a tunnel with an
 * outage never shows 100.
 */
export function availabilityPercent({ upMs, watchedMs }: Base): number | null {
  return watchedMs === 0 ? null : Math.floor((upMs * 100_000) / watchedMs) / 1_000;
}

const seconds = (milliseconds: number) => Math.round(milliseconds / 1_000);

/** CSV with one row for each tunnel. */
export function availabilityCsv(
  tunnels: readonly ReportedTunnel[],
  { from, to }: { from: string; to: string },
): string {
  return formatCsvTable(
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

/** CSV with one row for each outage. `end` is empty if the end was not seen. */
export function outagesCsv(tunnels: readonly ReportedTunnel[]): string {
  return formatCsvTable(
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
