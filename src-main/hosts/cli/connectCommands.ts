import { Option, type Command } from 'commander';
import { deploymentNames, type Deployment } from '../../../src-shared/model/connectYaml/deployments.ts';
import type { CommandContext } from './commandContext.ts';
import { collectValues, wholeNumber } from './options.ts';

const runsOption = () => new Option('--runs <where>', 'where Connect runs').choices(deploymentNames);
const repositoryOption = () =>
  new Option('--repository <group/name=uri>', 'repository to offer; repeat the option for several')
    .argParser(collectValues)
    .default([]);

function addLintCommand(connect: Command, { globals, finish }: CommandContext): void {
  connect
    .command('lint <file|->')
    .description('check a connect.yaml and show each finding with its line and fix; - reads standard input')
    .option('--fix', 'apply all safe fixes to the file; with -, print the result to standard output', false)
    .addOption(runsOption())
    .option('--appliance-version <version>', 'the appliance’s version')
    .option('--connect-version <version>', 'Connect’s version')
    .option('--ports <n>', 'number of ports of the tenant', wholeNumber(0, 3000))
    .action(
      async (
        file: string,
        options: {
          fix: boolean;
          runs?: Deployment;
          applianceVersion?: string;
          connectVersion?: string;
          ports?: number;
        },
      ) => {
        const { lintConnectFile } = await import('./commands/connect.ts');
        await finish(lintConnectFile(globals().output, { file, ...options }));
      },
    );
}

function addInitCommand(connect: Command, { globals, finish }: CommandContext): void {
  connect
    .command('init')
    .description('write a new connect.yaml with comments')
    .requiredOption('--appliance <host:port>', 'address of the appliance')
    .requiredOption('--ssh-key <path-at-site>', 'path of the private key at the site')
    .option('--host-key <fingerprint>', 'pin this host key: SHA256:…')
    .addOption(repositoryOption())
    .option('--out <file>', 'write to this new file; default: standard output')
    .action(
      async (options: {
        appliance: string;
        sshKey: string;
        hostKey?: string;
        repository: string[];
        out?: string;
      }) => {
        const { initConnectYaml } = await import('./commands/connect.ts');
        await finish(initConnectYaml(globals().output, options));
      },
    );
}

/** Adds the handover pack to the commands for tenants. */
export function addHandOverCommand(program: Command, { globals, finish }: CommandContext): void {
  program.commands
    .find((command) => command.name() === 'tenant')
    ?.command('handover <appliance> <client_id>')
    .description('write the handover pack: the files that a tenant’s site needs, without secrets')
    .requiredOption('--address <host:port>', 'public address of the appliance, as seen from the site')
    .addOption(runsOption().default('container'))
    .addOption(repositoryOption())
    .requiredOption('--out <folder>', 'write to this new folder')
    .action(
      async (
        appliance: string,
        clientId: string,
        options: { address: string; runs: Deployment; repository: string[]; out: string },
      ) => {
        const { writeHandOver } = await import('./commands/connect.ts');
        await finish(writeHandOver(globals(), { appliance, clientId, ...options }));
      },
    );
}

/** Adds the commands for connect.yaml, the configuration of Connect at the tenant's site. */
export function addConnectCommands(program: Command, context: CommandContext): void {
  const connect = program
    .command('connect')
    .description('check or write connect.yaml, the configuration of Connect');
  addLintCommand(connect, context);
  addInitCommand(connect, context);
}
