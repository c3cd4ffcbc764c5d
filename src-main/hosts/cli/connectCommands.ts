import { Option, type Command } from 'commander';
import { deploymentNames, type Deployment } from '../../../src-shared/model/connectYaml/deployments.ts';
import { collectValues, type CommandContext } from './commandContext.ts';
import { wholeNumber } from './wholeNumber.ts';

/** Commands about a tenant's side: connect.yaml and what its site is sent. */
export function addConnectCommands(program: Command, { globals, finish }: CommandContext): void {
  const connect = program
    .command('connect')
    .description("connect.yaml, the configuration of a tenant's Connect");
  connect
    .command('lint <file|->')
    .description('check it: each problem with its place and its fix; - reads standard input')
    .option('--fix', 'fix what is certain, in the file (or to standard output)', false)
    .addOption(new Option('--runs <where>', 'where it will be used').choices(deploymentNames))
    .option('--appliance-version <version>', "the appliance's version")
    .option('--connect-version <version>', "Connect's version")
    .option('--ports <n>', 'how many ports the tenant has', wholeNumber(0, 3000))
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
  connect
    .command('init')
    .description('write a new one, with comments')
    .requiredOption('--appliance <host:port>', 'where the appliance is reached')
    .requiredOption('--ssh-key <path-at-site>', 'path of the private key, at the site')
    .option('--host-key <fingerprint>', 'pin this host key: SHA256:…')
    .option('--repository <group/name=uri>', 'what to offer; may be repeated', collectValues, [])
    .option('--out <file>', 'a file that does not exist yet; standard output by default')
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
  program.commands
    .find((command) => command.name() === 'tenant')
    ?.command('handover <appliance> <client_id>')
    .description("write the files that a tenant's site needs; nothing secret is among them")
    .requiredOption('--address <host:port>', 'how the site reaches the appliance')
    .addOption(
      new Option('--runs <where>', 'what the site runs').choices(deploymentNames).default('container'),
    )
    .option('--repository <group/name=uri>', 'what to offer; may be repeated', collectValues, [])
    .requiredOption('--out <folder>', 'a folder that does not exist yet')
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
