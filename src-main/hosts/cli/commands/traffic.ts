import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { formatBytes } from '../../../../src-shared/base/formatBytes.ts';
import { formatInstant } from '../../../../src-shared/base/time.ts';
import type { Traffic } from '../../../../src-shared/model/tunnels/traffic.ts';
import { formatTable } from '../output.ts';
import { findAppliance, withConsole, type Globals } from '../withConsole.ts';

function describeTraffic({ ports, sessions, omittedPorts }: Traffic): string {
  const lines = [
    ports.length === 0
      ? 'Nothing listens on the ports of this tenant.'
      : formatTable(
          ['PORT', 'CONNECTIONS', 'TO SITE', 'FROM SITE'],
          ports.map(({ port, connections, toSiteBytes, fromSiteBytes }) => [
            port,
            connections,
            formatBytes(toSiteBytes),
            formatBytes(fromSiteBytes),
          ]),
        ),
    ...(omittedPorts === 0 ? [] : [`${omittedPorts} more ports were not measured.`]),
    'These are the connections that are open now; the kernel forgets a connection when it ends.',
    ...sessions.map(
      ({ pid, since, toSiteBytes, fromSiteBytes }) =>
        `Session ${pid} since ${formatInstant(since)}, all ports, encrypted: ${formatBytes(toSiteBytes)} to the site, ${formatBytes(fromSiteBytes)} from it.`,
    ),
  ];
  return lines.join('\n');
}

/** Measures what the tunnels of a tenant passed, and prints it. */
export function printTraffic(
  globals: Globals,
  { name, clientId }: { name: string; clientId: string },
): Promise<number> {
  return withConsole(globals, async (services) => {
    const { id } = findAppliance(services, name);
    const traffic = await services.traffic.measure({ applianceId: id, clientId });
    globals.output.print(traffic, () => describeTraffic(traffic));
    return exitCodes.done;
  });
}
