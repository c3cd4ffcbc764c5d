import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { AppError } from '../../../../src-shared/errors.ts';
import type { Tunnel } from '../../../../src-shared/model/tunnels/chain.ts';
import { latencyOf, matchProbe } from '../../../../src-shared/model/tunnels/portRow.ts';
import type { ProbeResult } from '../../../../src-shared/model/tunnels/probe.ts';
import { formatTable } from '../output.ts';
import { pollAppliances, findAppliance, whileFollowing, withConsole, type Globals } from '../withConsole.ts';

type ProbeRequest = { name: string; clientId: string | undefined; port: number | undefined; large: boolean };
type ProbeRow = Tunnel & { latencyMs: number | null; probedAt: string | null; evidence: string };

/** What was observed in the layer that gave the tunnel its code, e.g. the error of its service. */
function evidenceOf(tunnel: Tunnel): string {
  return tunnel.layers.find((layer) => layer.code === tunnel.code)?.evidence ?? '';
}

/**
 * The tunnels with their last probe result, latencies in whole milliseconds. Ignores a result for another
 * destination.
 */
export function probeRows(tunnels: readonly Tunnel[], results: ReadonlyMap<number, ProbeResult>): ProbeRow[] {
  return tunnels.map((tunnel) => {
    const probe = tunnel.port === null ? null : matchProbe(tunnel, results.get(tunnel.port));
    const latencyMs = probe === null ? null : latencyOf(probe);
    return {
      ...tunnel,
      latencyMs: latencyMs === null ? null : Math.round(latencyMs),
      probedAt: probe?.at ?? null,
      evidence: evidenceOf(tunnel),
    };
  });
}

/**
 * Tests all ports that listen and prints all requested tunnels. Exit code: 0 if all are OK, 1 if some need
 * attention, or the code of the connection error.
 */
export function probeTunnels(globals: Globals, request: ProbeRequest): Promise<number> {
  return withConsole(globals, async (services) => {
    const entry = findAppliance(services, request.name);
    const { exitCode } = await pollAppliances(services, [entry], globals.output);
    if (exitCode !== exitCodes.done) return exitCode;
    const { clientId = null, port = null } = request;
    const isTenant = services.fleet
      .networks(entry.id)
      .some((tenant) => clientId === null || tenant.clientId === clientId);
    if (clientId !== null && !isTenant)
      throw new AppError('NOT_FOUND', `${entry.name} has no tenant ${JSON.stringify(clientId)}.`);
    const test = { applianceId: entry.id, clientId, port, isLarge: request.large };
    await whileFollowing(services, entry, () => services.prober.probe(test));
    const tunnels = services.fleet
      .tenants(entry.id)
      .filter(({ tenant }) => clientId === null || tenant.clientId === clientId)
      .flatMap((view) => view.tunnels)
      .filter((tunnel) => port === null || tunnel.port === port);
    const rows = probeRows(tunnels, services.prober.results(entry.id));
    globals.output.print(rows, () =>
      rows.length === 0
        ? `${entry.name} has no tunnels.`
        : formatTable(
            ['PORT', 'TENANT', 'CODE', 'STATE', 'MS', 'DESTINATION', 'EVIDENCE'],
            rows.map((row) => [
              row.port,
              row.clientId,
              row.code,
              row.word,
              row.latencyMs,
              row.destination,
              row.evidence,
            ]),
          ),
    );
    return rows.every((row) => row.tone === 'ok') ? exitCodes.done : exitCodes.failed;
  });
}
