import { AppError } from '../../../../src-shared/errors.ts';
import { countPorts, formatRanges } from '../../../../src-shared/model/tenants/ports.ts';
import { toneColours, worstTunnel } from '../../../../src-shared/model/tunnels/tone.ts';
import { formatTable } from '../output.ts';
import { pollAppliances, findAppliance, withConsole, type Globals } from '../withConsole.ts';

export function listTenants(
  globals: Globals,
  request: { name: string; clientId: string | undefined },
): Promise<number> {
  return withConsole(globals, async (services) => {
    const entry = findAppliance(services, request.name);
    const { exitCode } = await pollAppliances(services, [entry], globals.output);
    // If the appliance never answered, don't print an empty list, because it would look like an appliance
    // without tenants.
    const isKnown =
      services.links.state(entry.id).state === 'connected' &&
      services.fleet.remoteNetworks(entry.id) !== null;
    if (exitCode !== 0 && !isKnown) return exitCode;
    const all = services.ports.tenants(entry.id);
    const views = all.filter(
      (view) => request.clientId === undefined || view.tenant.clientId === request.clientId,
    );
    if (request.clientId !== undefined && views.length === 0)
      throw new AppError('NOT_FOUND', `${entry.name} has no tenant ${JSON.stringify(request.clientId)}.`);
    globals.output.print(views, (paint) =>
      views.length === 0
        ? `${entry.name} has no tenants.`
        : formatTable(
            ['TENANT', 'QUOTA', 'PORTS', 'RANGES', 'SESSIONS', 'TUNNELS', 'STATE'],
            views.map(({ tenant, tunnels }) => [
              tenant.clientId,
              tenant.quota,
              countPorts(tenant.ports),
              formatRanges(tenant.ports),
              tenant.sessions.length,
              tunnels.filter((tunnel) => tunnel.port !== null).length,
              {
                text: [...new Set(tunnels.map((tunnel) => `${tunnel.code} ${tunnel.word}`))].join(', '),
                colour: toneColours[worstTunnel(tunnels)?.tone ?? 'unknown'],
              },
            ]),
            paint,
          ),
    );
    return exitCode;
  });
}
