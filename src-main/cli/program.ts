import { Command, CommanderError, Help, Option } from 'commander';
import { AppError, toErrorData } from '../../src-shared/errors.ts';
import { chainHelp } from './chainHelp.ts';
import { exitCodeOf, exitCodes } from './exitCodes.ts';
import { createOutput } from './output.ts';
import { addConnectCommands } from './connectCommands.ts';
import { numberBetween, wholeNumber } from './wholeNumber.ts';
import { addTenantCommands } from './tenantCommands.ts';
import type { Globals } from './withConsole.ts';

type GlobalOptions = { data?: string; json?: boolean };

/** Runs one command line and resolves with its exit code; never rejects. */
export async function runSallyport(argv: readonly string[]): Promise<number> {
  const program = new Command('sallyport');
  let exitCode: number = exitCodes.done;

  /** Also where the words could not be read to their end. */
  const isJson = (): boolean => program.opts<GlobalOptions>().json ?? argv.includes('--json');
  const globals = (): Globals => {
    const options = program.opts<GlobalOptions>();
    return { data: options.data, output: createOutput({ json: options.json ?? false }) };
  };
  /** Commands hand back their exit code; what they need is loaded when they run, so that others start quickly. */
  const finish = async (running: Promise<number>) => {
    exitCode = await running;
  };

  program
    .description('Administers appliances over SSH: their tenants, ports, licences and logs.')
    .option('--data <dir>', "folder of the console's data")
    .option('--json', 'print JSON: one document, or one a line where output goes on')
    .exitOverride()
    .showHelpAfterError(false)
    // Before any command is made: they take this over.
    .configureHelp({ optionDescription })
    // With --json a mistake is told once, as JSON.
    .configureOutput({
      outputError: (text, write) => {
        if (!isJson()) write(text);
      },
    });

  program
    .command('lab')
    .description('run appliances, tenants and services of its own on loopback, until stopped')
    .option('--appliances <n>', 'how many appliances', wholeNumber(1, 200))
    .option('--tenants <n>', 'how many tenants', wholeNumber(0, 2000))
    .option('--seed <text>', 'where its randomness starts')
    .action(async (options: Record<string, string | number | undefined>) => {
      const { runLab } = await import('./commands/lab.ts');
      await finish(runLab(options));
    });

  program
    .command('web')
    .description('serve the console to a browser on this computer, until stopped')
    .option('--port <n>', 'port on 127.0.0.1 and ::1; a free one by default', wholeNumber(0, 65535), 0)
    .addOption(
      new Option(
        '--host-name <name>',
        'a fixed name instead of a random one, for browsers that do not know *.localhost (Safari); weaker',
      ).choices(['127.0.0.1', 'localhost']),
    )
    .option(
      '--idle-minutes <n>',
      'sign out after this time without input; 0 for never',
      numberBetween(0, 7 * 24 * 60),
      8 * 60,
    )
    .option('--no-open', 'do not open a browser')
    .action(async (options: { port: number; open: boolean; hostName?: string; idleMinutes: number }) => {
      const { runWeb } = await import('./commands/web.ts');
      await finish(runWeb(globals(), options));
    });

  const appliance = program.command('appliance').description('the appliances that this console knows');
  appliance
    .command('add <name> <user@host[:port]>')
    .description('enter an appliance')
    .requiredOption('--identity <file>', 'private key to log in with')
    .option('--host-key <fingerprint>', 'pin this host key: SHA256:…')
    .option(
      '--jump <user@host[:port]>',
      'jump host, in order; may be repeated',
      (value: string, before: string[]) => [...before, value],
      [],
    )
    .option(
      '--jump-host-key <fingerprint>',
      'pin the host key of a jump host; one for each --jump, in the same order',
      (value: string, before: string[]) => [...before, value],
      [],
    )
    .addOption(
      new Option('--sudo <how>', 'how privileged commands run')
        .choices(['none', 'nopasswd', 'password'])
        .default('nopasswd'),
    )
    .option('--group <name>', 'group it is listed under', '')
    .option('--cluster <name>', 'cluster whose members share their tenants', '')
    .option('--description <text>', 'what it is, for people', '')
    .action(
      async (
        name: string,
        target: string,
        options: {
          identity: string;
          hostKey?: string;
          jump: string[];
          jumpHostKey: string[];
          sudo: string;
          group: string;
          cluster: string;
          description: string;
        },
      ) => {
        const { addAppliance } = await import('./commands/appliance.ts');
        await finish(addAppliance(globals(), { name, target, ...options }));
      },
    );
  appliance
    .command('list')
    .description('list them')
    .action(async () => {
      const { listAppliances } = await import('./commands/appliance.ts');
      await finish(listAppliances(globals()));
    });
  appliance
    .command('show <name>')
    .description('one of them, with its host keys and last-known values')
    .action(async (name: string) => {
      const { showAppliance } = await import('./commands/appliance.ts');
      await finish(showAppliance(globals(), name));
    });
  appliance
    .command('remove <name>')
    .description('forget one; its audit records stay')
    .action(async (name: string) => {
      const { removeAppliance } = await import('./commands/appliance.ts');
      await finish(removeAppliance(globals(), name));
    });

  program
    .command('status [names...]')
    .description('ask appliances how they are; all of them by default')
    .action(async (names: string[]) => {
      const { printStatus } = await import('./commands/status.ts');
      await finish(printStatus(globals(), names));
    });

  const tenant = program.command('tenant').description('tenants of an appliance');
  tenant
    .command('list <appliance> [client_id]')
    .description('list them')
    .action(async (name: string, clientId: string | undefined) => {
      const { listTenants } = await import('./commands/tenants.ts');
      await finish(listTenants(globals(), { name, clientId }));
    });
  addTenantCommands({ tenant, globals, finish });

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

  program
    .command('diagnose <appliance> <client_id>')
    .argument('[port]', 'one of its ports; by default the worst', wholeNumber(1, 65535))
    .description('why a tunnel is down, whose fault it is, and the log lines that prove it')
    .option('--customer', 'only the text for the customer', false)
    .action(
      async (name: string, clientId: string, asked: number | undefined, options: { customer: boolean }) => {
        const { printDiagnosis } = await import('./commands/ports.ts');
        await finish(printDiagnosis(globals(), { name, clientId, port: asked ?? null, ...options }));
      },
    );

  program
    .command('notification')
    .description('what the console spoke up about')
    .command('list')
    .description('newest first; those that are over stay for a week')
    .action(async () => {
      const { listNotifications } = await import('./commands/notifications.ts');
      await finish(listNotifications(globals()));
    });

  program
    .command('probe <appliance> [client_id]')
    .argument('[port]', 'one of its ports', wholeNumber(1, 65535))
    .description('test tunnels from the appliance: all, one tenant’s, or one; logs in nowhere')
    .action(async (name: string, clientId: string | undefined, port: number | undefined) => {
      const { probeTunnels } = await import('./commands/probe.ts');
      await finish(probeTunnels(globals(), { name, clientId, port }));
    });

  program
    .command('syslog')
    .description("an appliance's log")
    .command('tail <appliance>')
    .description('its last lines')
    .option('--lines <n>', 'how many', wholeNumber(0, 5000), 50)
    .option('--follow', 'go on with what arrives, until stopped', false)
    .action(async (name: string, options: { lines: number; follow: boolean }) => {
      const { tailSyslog } = await import('./commands/syslog.ts');
      await finish(tailSyslog(globals(), { name, ...options }));
    });

  const audit = program.command('audit').description('what was done, by whom, and how it ended');
  audit
    .command('list')
    .description('the latest records, newest first')
    .option('--limit <n>', 'how many', wholeNumber(1, 500), 100)
    .option('--query <text>', 'only those that hold this text', '')
    .action(async (options: { limit: number; query: string }) => {
      const { listAudit } = await import('./commands/audit.ts');
      await finish(listAudit(globals(), options));
    });
  audit
    .command('verify')
    .description('read every record again and recompute every hash')
    .action(async () => {
      const { verifyAudit } = await import('./commands/audit.ts');
      await finish(verifyAudit(globals()));
    });

  addConnectCommands({ program, globals, finish });

  for (const command of descendants(program)) command.exitOverride();
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      const asked = ['commander.helpDisplayed', 'commander.version'].includes(thrown.code);
      if (asked) return exitCodes.done;
      const mistake = new AppError('INVALID_INPUT', usageMistake(thrown), { cause: thrown });
      return isJson() ? report(mistake, true) : exitCodes.usage;
    }
    return report(thrown, isJson());
  }
}

function optionDescription(option: Option): string {
  const words = new Help().optionDescription(option);
  return option.mandatory ? `${words} (required)` : words;
}

function usageMistake({ code, message }: CommanderError): string {
  return code === 'commander.help' ? 'A command is missing.' : message.replace(/^error: /u, '');
}

function descendants(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...descendants(child)]);
}

function report(thrown: unknown, json: boolean): number {
  const error = toErrorData(thrown);
  if (!(thrown instanceof AppError)) {
    const trace = thrown instanceof Error ? thrown.stack : String(thrown);
    process.stderr.write(`${trace ?? ''}\n`);
  }
  process.stderr.write(
    json ? `${JSON.stringify({ error })}\n` : `sallyport: ${error.message} (${error.code})\n`,
  );
  return exitCodeOf(error.code);
}
