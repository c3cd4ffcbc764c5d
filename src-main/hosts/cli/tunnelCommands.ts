import type { Command } from 'commander';
import { layerNames } from '../../../src-shared/model/tunnels/tunnelCodes/tunnelCode.ts';
import type { CommandContext } from './commandContext.ts';
import { wholeNumber } from './options.ts';

/** Explains the column CHAIN in the help of each command that prints this column. */
export const chainHelp = `
CHAIN holds a letter for each layer of a tunnel, in this order:
  ${layerNames.join(', ')}
  o  OK    w  needs attention    f  fault    u  unknown, or an earlier layer is not OK
The first layer that is not OK shows where the problem is. docs/tunnel-codes.md explains its code.`;

const portNumber = wholeNumber(1, 65_535);

/** Adds the commands that list, test and diagnose tunnels. */
export function addTunnelCommands(program: Command, { globals, finish }: CommandContext): void {
  const port = program.command('port').description('show the ports of tenants');
  port
    .command('list [appliance]')
    .description('list the tunnels of one appliance, or of all appliances; each cluster is listed once')
    .addHelpText('after', chainHelp)
    .option('--watch', 'then keep printing changes until stopped', false)
    .option('--csv', 'print CSV', false)
    .action(async (name: string | undefined, options: { watch: boolean; csv: boolean }) => {
      const { listPorts } = await import('./commands/ports.ts');
      await finish(listPorts(globals(), { name, ...options }));
    });
  port
    .command('capacity [appliance]')
    .description('show free ports and when they run out')
    .action(async (name: string | undefined) => {
      const { printCapacity } = await import('./commands/ports.ts');
      await finish(printCapacity(globals(), name));
    });
  port
    .command('availability [appliance] [client_id]')
    .description('show how much of the monitored time each tunnel was up, and its outages')
    .option('--days <n>', 'days to look back, 1 to 30', wholeNumber(1, 30), 30)
    .option('--csv', 'print CSV with a row for each tunnel', false)
    .option('--outages', 'with --csv: a row for each outage', false)
    .action(
      async (
        name: string | undefined,
        clientId: string | undefined,
        options: { days: number; csv: boolean; outages: boolean },
      ) => {
        const { printAvailability } = await import('./commands/availability.ts');
        await finish(printAvailability(globals(), { name, clientId, ...options }));
      },
    );
  port
    .command('traffic <appliance> <client_id>')
    .description('measure open connections and bytes of a tenant’s ports, and bytes of its sessions')
    .action(async (name: string, clientId: string) => {
      const { printTraffic } = await import('./commands/traffic.ts');
      await finish(printTraffic(globals(), { name, clientId }));
    });
  program
    .command('diagnose <appliance> <client_id>')
    .argument('[port]', 'port of the tenant; default: the one with the worst problem', portNumber)
    .description(
      'test a tunnel and show why it is down, which side must act, and the log lines that prove it',
    )
    .option('--no-test', 'don’t test the tunnel first; use the last test')
    .option('--customer', 'print only the text for the customer', false)
    .action(
      async (
        name: string,
        clientId: string,
        port: number | undefined,
        options: { customer: boolean; test: boolean },
      ) => {
        const { printDiagnosis } = await import('./commands/ports.ts');
        await finish(printDiagnosis(globals(), { name, clientId, port: port ?? null, ...options }));
      },
    );
  program
    .command('probe <appliance> [client_id]')
    .argument('[port]', 'port of the tenant', portNumber)
    .description(
      'test tunnels from the appliance, without logging in to their services; default: all tunnels',
    )
    .option(
      '--large',
      'also send requests of 4 kB; if the network loses large packets, this can stall the tenant’s session',
      false,
    )
    .action(
      async (
        name: string,
        clientId: string | undefined,
        port: number | undefined,
        options: { large: boolean },
      ) => {
        const { probeTunnels } = await import('./commands/probe.ts');
        await finish(probeTunnels(globals(), { name, clientId, port, ...options }));
      },
    );
}
