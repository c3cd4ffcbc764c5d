import { Option, type Command } from 'commander';
import type { TenantAction } from '../../../src-shared/model/tenants/tenantPlan.ts';
import type { AddMany } from './commands/addManyTenants.ts';
import type { ChangeOptions, ChangeRequest } from './commands/tenantChanges.ts';
import type { CommandContext } from './commandContext.ts';
import { wholeNumber } from './wholeNumber.ts';
import type { Globals } from './withConsole.ts';

const quota = wholeNumber(1, 3000);

type Verb = {
  kind: TenantAction['kind'];
  /** Arguments before and after the tenant's name. */
  after?: { name: string; of: (text: string) => number };
  description: string;
  options: (command: Command) => Command;
};

const withKey = (command: Command): Command =>
  command
    .option('--pub-key <file>', "the tenant's public key, in OpenSSH's form")
    .option('--generate', 'have the appliance make a key; its private half is printed once')
    .option('--private-key-out <file>', 'write it to this new file (0600) instead of standard output');

const verbs: readonly Verb[] = [
  {
    kind: 'add',
    description: 'add a tenant, or another key to an existing one',
    options: (command) => withKey(command).option('--quota <n>', 'how many ports', quota),
  },
  {
    kind: 'rotate',
    description: 'give it a new key; without an overlap the old ones end at once',
    options: (command) =>
      withKey(command).option(
        '--overlap-hours <n>',
        'how long the old keys remain valid',
        wholeNumber(1, 24 * 90),
      ),
  },
  {
    kind: 'change',
    after: { name: 'quota', of: quota },
    description: 'give it another number of ports',
    options: (command) => command,
  },
  {
    kind: 'suspend',
    description: 'end its sessions; its key and ports are kept',
    options: (command) => command,
  },
  {
    kind: 'resume',
    description: 'let it log in again, on the same ports',
    options: (command) => command.option('--quota <n>', 'how many ports; as before by default', quota),
  },
  { kind: 'remove', description: 'end its sessions and delete it', options: (command) => command },
  {
    kind: 'release',
    after: { name: 'port', of: wholeNumber(1, 65_535) },
    description: 'end the process that holds one of its ports without a live session',
    options: (command) =>
      command.option(
        '--pid <n>',
        'that process; by default the one that the appliance lists now',
        wholeNumber(2, 4_194_304),
      ),
  },
];

type Run = (globals: Globals, request: ChangeRequest) => Promise<number>;

/** `tenant add|rotate|…`, `tenant plan add|rotate|…` with the same arguments, and `tenant add-many`. */
export function addTenantCommands(program: Command, { globals, finish }: CommandContext): void {
  const tenant = program.command('tenant').description('tenants of an appliance');
  tenant
    .command('list <appliance> [client_id]')
    .description('list them')
    .action(async (name: string, clientId: string | undefined) => {
      const { listTenants } = await import('./commands/tenants.ts');
      await finish(listTenants(globals(), { name, clientId }));
    });

  function addVerb(parent: Command, verb: Verb, load: () => Promise<Run>): void {
    const { kind, after } = verb;
    const command = parent.command(`${kind} <appliance> <client_id>`).description(verb.description);
    const run = async (request: ChangeRequest) => finish((await load())(globals(), request));
    const why = new Option('--reason <text>', 'why, or the number of a ticket; kept in the audit trail');
    verb
      .options(command)
      .addOption(parent === tenant ? why.makeOptionMandatory() : why)
      .option('--confirm <client_id>', "the tenant's name once more, where the plan wants it")
      .option('--yes', 'do not ask');
    if (after === undefined)
      command.action((appliance: string, clientId: string, given: ChangeOptions) =>
        run({ kind, appliance, clientId, options: given }),
      );
    else
      command
        .argument(`<${after.name}>`, undefined, after.of)
        .action((appliance: string, clientId: string, number: number, given: ChangeOptions) =>
          run({ kind, appliance, clientId, number, options: given }),
        );
  }

  const plan = tenant.command('plan').description('show what one of these would do, and change nothing');
  for (const verb of verbs) {
    addVerb(tenant, verb, async () => (await import('./commands/tenantChanges.ts')).applyTenantChange);
    addVerb(plan, verb, async () => (await import('./commands/tenantChanges.ts')).planTenantChange);
  }
  tenant
    .command('add-many <appliance> <file>')
    .description('add the tenants of a CSV file with the columns client_id, public_key and quota')
    .requiredOption('--reason <text>', 'why, or the number of a ticket; kept in the audit trail')
    .option('--skip-existing', 'skip tenants that exist with the key of their row', false)
    .option('--progress', 'say on stderr how far it is; on a terminal it always does', false)
    .option('--yes', 'do not ask', false)
    .action(async (appliance: string, file: string, given: Omit<AddMany, 'appliance' | 'file'>) => {
      const { addManyTenants } = await import('./commands/addManyTenants.ts');
      await finish(addManyTenants(globals(), { appliance, file, ...given }));
    });
}
