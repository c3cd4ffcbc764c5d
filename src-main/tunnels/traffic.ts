import { AppError } from '../../src-shared/errors.ts';
import { shorten, visibleLine } from '../../src-shared/base/machineText.ts';
import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { buildSocketsCommand, readTraffic, type Traffic } from '../../src-shared/model/tunnels/traffic.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Links } from '../links/links.ts';
import { withLink } from '../links/withLink.ts';

const done = 0;
const commandNotFound = 127;
const maxOutputBytes = 4 * 1024 * 1024;

/** Measures what the sockets of tenants passed, on request: it runs `ss` (iproute2) once, without root rights **[ours]**. */
export function createTraffic(options: {
  inventory: Pick<Inventory, 'get'>;
  links: Pick<Links, 'of' | 'hold' | 'waitUntilSettled'>;
  /** Asks the appliance for its tenants now. Its link is up. */
  readTenants: (applianceId: string) => Promise<{ networks: { tenants: readonly Tenant[] } }>;
  clock: () => number;
}) {
  const { inventory, links, clock } = options;

  async function runSockets(applianceId: string, argv: readonly string[]): Promise<string> {
    const { name } = inventory.get(applianceId);
    const { exitCode, stdout, stderr } = await links.of(applianceId).session.run({
      argv,
      privileged: false,
      maxBytes: maxOutputBytes,
    });
    if (exitCode === done) return stdout;
    if (exitCode === commandNotFound)
      throw new AppError(
        'COMMAND_MISSING',
        `${name} has no ss, which counts bytes; Debian has it in iproute2.`,
      );
    const why = shorten(visibleLine(stderr.trim()), 200);
    throw new AppError('COMMAND_FAILED', `ss failed on ${name}${why === '' ? '' : `: ${why}`}.`);
  }

  return {
    /**
     * Rejects with NOT_FOUND for an unknown tenant, with COMMAND_MISSING or COMMAND_FAILED, or with the reason why the
     * appliance is not connected.
     */
    measure: ({ applianceId, clientId }: { applianceId: string; clientId: string }): Promise<Traffic> =>
      withLink(links, inventory.get(applianceId), async () => {
        const { networks } = await options.readTenants(applianceId);
        const tenant = networks.tenants.find((known) => known.clientId === clientId);
        if (tenant === undefined)
          throw new AppError('NOT_FOUND', `This appliance has no tenant ${clientId}.`);
        const argv = buildSocketsCommand(tenant);
        const text = argv === null ? null : await runSockets(applianceId, argv);
        return readTraffic(tenant, text, new Date(clock()).toISOString());
      }),
  };
}
