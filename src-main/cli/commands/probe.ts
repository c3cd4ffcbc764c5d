import { AppError } from '../../../src-shared/errors.ts';
import type { Tunnel } from '../../../src-shared/model/chain.ts';
import type { ProbeResult } from '../../../src-shared/model/probe.ts';
import type { Console } from '../../console.ts';
import { exitCodes } from '../exitCodes.ts';
import { table } from '../output.ts';
import { askAll, named, withConsole, type Globals } from '../withConsole.ts';

type Given = { name: string; clientId: string | undefined; port: number | undefined };
type Row = Tunnel & { latencyMs: number | null; probedAt: string | null; evidence: string };

function latencyOf(result: ProbeResult | undefined): number | null {
  const service = result?.service;
  if (service?.outcome !== 'answered' && service?.outcome !== 'asks-log-in') return null;
  return Math.round(service.milliseconds);
}

/** What decided: the layer that carries the verdict's code. */
function evidenceOf(tunnel: Tunnel): string {
  return tunnel.layers.find((layer) => layer.code === tunnel.code)?.evidence ?? '';
}

function rowsOf(console: Console, applianceId: string, given: Given): Row[] {
  const results = console.prober.results(applianceId);
  return console.fleet
    .tenants(applianceId)
    .filter(({ tenant }) => given.clientId === undefined || tenant.clientId === given.clientId)
    .flatMap((view) => view.tunnels)
    .filter((tunnel) => given.port === undefined || tunnel.port === given.port)
    .map((tunnel) => {
      const result = tunnel.port === null ? undefined : results.get(tunnel.port);
      return {
        ...tunnel,
        latencyMs: latencyOf(result),
        probedAt: result?.at ?? null,
        evidence: evidenceOf(tunnel),
      };
    });
}

/**
 * Probes what listens and prints every tunnel asked for, also those that could not be probed. Exit code 0 when all are
 * well, 1 when some are not; of an appliance that did not answer its own.
 */
export function probeTunnels(globals: Globals, given: Given): Promise<number> {
  return withConsole(globals, async (console) => {
    const entry = named(console, given.name);
    const { exitCode } = await askAll(console, [entry], globals.output);
    if (exitCode !== exitCodes.done) return exitCode;
    const { clientId = null, port = null } = given;
    const isTenant = console.fleet
      .networks(entry.id)
      .some((tenant) => clientId === null || tenant.clientId === clientId);
    if (clientId !== null && !isTenant)
      throw new AppError('NOT_FOUND', `${entry.name} has no tenant ${JSON.stringify(clientId)}.`);
    await console.prober.probe({ applianceId: entry.id, clientId, port });
    const rows = rowsOf(console, entry.id, given);
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
    return rows.every((row) => row.tone === 'ok') ? exitCodes.done : exitCodes.other;
  });
}
