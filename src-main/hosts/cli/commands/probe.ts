import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { AppError } from '../../../../src-shared/errors.ts';
import type { Tunnel } from '../../../../src-shared/model/tunnels/chain.ts';
import { latencyOf, probeFor } from '../../../../src-shared/model/tunnels/portRow.ts';
import type { ProbeResult } from '../../../../src-shared/model/tunnels/probe.ts';
import { table } from '../output.ts';
import { askAll, named, withConsole, type Globals } from '../withConsole.ts';

type Given = { name: string; clientId: string | undefined; port: number | undefined };
type ProbeRow = Tunnel & { latencyMs: number | null; probedAt: string | null; evidence: string };

/** What decided: the layer that carries the verdict's code. */
function evidenceOf(tunnel: Tunnel): string {
  return tunnel.layers.find((layer) => layer.code === tunnel.code)?.evidence ?? '';
}

/** Tunnels with what their last probe measured, in whole milliseconds; nothing of a probe of another destination. */
export function probeRows(tunnels: readonly Tunnel[], results: ReadonlyMap<number, ProbeResult>): ProbeRow[] {
  return tunnels.map((tunnel) => {
    const probe = tunnel.port === null ? null : probeFor(tunnel, results.get(tunnel.port));
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
 * Probes what listens and prints every tunnel asked for, also those that could not be probed. Exit code 0 when all are
 * well, 1 when some are not; of an appliance that did not answer its own.
 */
export function probeTunnels(globals: Globals, given: Given): Promise<number> {
  return withConsole(globals, async (services) => {
    const entry = named(services, given.name);
    const { exitCode } = await askAll(services, [entry], globals.output);
    if (exitCode !== exitCodes.done) return exitCode;
    const { clientId = null, port = null } = given;
    const isTenant = services.fleet
      .networks(entry.id)
      .some((tenant) => clientId === null || tenant.clientId === clientId);
    if (clientId !== null && !isTenant)
      throw new AppError('NOT_FOUND', `${entry.name} has no tenant ${JSON.stringify(clientId)}.`);
    await services.prober.probe({ applianceId: entry.id, clientId, port });
    const tunnels = services.fleet
      .tenants(entry.id)
      .filter(({ tenant }) => clientId === null || tenant.clientId === clientId)
      .flatMap((view) => view.tunnels)
      .filter((tunnel) => port === null || tunnel.port === port);
    const rows = probeRows(tunnels, services.prober.results(entry.id));
    globals.output.print(rows, () =>
      rows.length === 0
        ? `${entry.name} has no tunnels.`
        : table(
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
