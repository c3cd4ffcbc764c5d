import type { Command } from 'commander';
import { chainHelp } from './chainHelp.ts';
import type { CommandContext } from './commandContext.ts';
import { wholeNumber } from './wholeNumber.ts';

const portNumber = wholeNumber(1, 65_535);

/** Tunnels of tenants: as lists, tested, and why one is down. */
export function addTunnelCommands(program: Command, { globals, finish }: CommandContext): void {
  const port = program.command('port').description('ports of tenants');
  port
    .command('list [appliance]')
    .description('every tunnel of one appliance or all, those of a cluster once')
    .addHelpText('after', chainHelp)
    .option('--watch', 'go on with what changes, until stopped', false)
    .option('--csv', 'print CSV', false)
    .action(async (name: string | undefined, options: { watch: boolean; csv: boolean }) => {
      const { listPorts } = await import('./commands/ports.ts');
      await finish(listPorts(globals(), { name, ...options }));
    });
  port
    .command('capacity [appliance]')
    .description('what is left, and until when')
    .action(async (name: string | undefined) => {
      const { printCapacity } = await import('./commands/ports.ts');
      await finish(printCapacity(globals(), name));
    });
  port
    .command('availability [appliance] [client_id]')
    .description('share of the watched time that tunnels were up, with their outages')
    .option('--days <n>', 'how far back, 1 to 30', wholeNumber(1, 30), 30)
    .option('--csv', 'print CSV, a row for each tunnel', false)
    .option('--outages', 'with --csv: a row for each outage instead', false)
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
  program
    .command('diagnose <appliance> <client_id>')
    .argument('[port]', 'one of its ports; by default the worst', portNumber)
    .description('why a tunnel is down, whose fault it is, and the log lines that prove it')
    .option('--customer', 'only the text for the customer', false)
    .action(
      async (name: string, clientId: string, asked: number | undefined, options: { customer: boolean }) => {
        const { printDiagnosis } = await import('./commands/ports.ts');
        await finish(printDiagnosis(globals(), { name, clientId, port: asked ?? null, ...options }));
      },
    );
  program
    .command('probe <appliance> [client_id]')
    .argument('[port]', 'one of its ports', portNumber)
    .description('test tunnels from the appliance: all, one tenant’s, or one; logs in nowhere')
    .action(async (name: string, clientId: string | undefined, asked: number | undefined) => {
      const { probeTunnels } = await import('./commands/probe.ts');
      await finish(probeTunnels(globals(), { name, clientId, port: asked }));
    });
}
