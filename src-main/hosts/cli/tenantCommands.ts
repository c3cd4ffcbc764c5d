import { maxGroupKeyOverlapHours } from '../../../src-shared/model/tenants/groupKeys.ts';
import { Option, type Command } from 'commander';
import type { TenantAction } from '../../../src-shared/model/tenants/tenantPlan.ts';
import type { NoteOptions } from './commands/tenantNote.ts';
import type { AddManyRequest } from './commands/addManyTenants.ts';
import type { ChangeOptions, ChangeRequest } from './commands/tenantChanges.ts';
import type { CommandContext } from './commandContext.ts';
import { wholeNumber } from './options.ts';
import type { Globals } from './withConsole.ts';

const quota = wholeNumber(1, 3000);

type Verb = {
  kind: TenantAction['kind'];
  /** The positional argument after the tenant's name, if the command has one. */
  after?: { name: string; of: (text: string) => number };
  description: string;
  options: (command: Command) => Command;
};

const withKey = (command: Command): Command =>
  command
    .option('--pub-key <file>', 'public key of the tenant, in OpenSSH format')
    .option('--generate', 'generate a key pair on the appliance; the private key is printed once')
    .option(
      '--private-key-out <file>',
      'write the private key to this new file (0600) instead of standard output',
    );

const verbs: readonly Verb[] = [
  {
    kind: 'add',
    description: 'add a tenant, or another key to an existing tenant',
    options: (command) => withKey(command).option('--quota <n>', 'number of ports', quota),
  },
  {
    kind: 'rotate',
    description:
      'replace all keys with a new key; the old keys become invalid at once, or after --overlap-hours',
    options: (command) =>
      withKey(command).option(
        '--overlap-hours <n>',
        'how many hours the old keys remain valid',
        wholeNumber(1, 24 * 90),
      ),
  },
  {
    kind: 'change',
    after: { name: 'quota', of: quota },
    description: 'change the number of ports',
    options: (command) => command,
  },
  {
    kind: 'suspend',
    description: 'end the sessions of a tenant and refuse its logins; its keys and ports are kept',
    options: (command) => command,
  },
  {
    kind: 'resume',
    description: 'let a suspended tenant log in again, on the same ports',
    options: (command) => command.option('--quota <n>', 'number of ports; default: as before', quota),
  },
  {
    kind: 'remove',
    description: 'end the sessions of a tenant and remove it',
    options: (command) => command,
  },
  {
    kind: 'release',
    after: { name: 'port', of: wholeNumber(1, 65_535) },
    description: 'end a stale listener: a process that still holds a port after its session has gone',
    options: (command) =>
      command.option(
        '--pid <n>',
        'process to end; default: the process that the appliance lists now',
        wholeNumber(2, 4_194_304),
      ),
  },
];

type Run = (globals: Globals, request: ChangeRequest) => Promise<number>;

function addNoteCommand(tenant: Command, { globals, finish }: CommandContext): void {
  tenant
    .command('note <appliance> <client_id>')
    .description('print or change the contact and the note that the console keeps for a tenant')
    .option('--contact-name <text>', 'who to call')
    .option('--email <text>', 'e-mail address of the contact')
    .option('--phone <text>', 'phone number of the contact')
    .option('--contact-text <text>', 'more about the contact')
    .option('--note <text>', 'note about the tenant')
    .option('--clear', 'delete the current contact and note first')
    .action(async (appliance: string, clientId: string, options: NoteOptions) => {
      const { tenantNote } = await import('./commands/tenantNote.ts');
      await finish(tenantNote(globals(), { appliance, clientId, options }));
    });
}

const loadGroupKeys = () => import('./commands/groupKeys.ts');

function addGroupKeyCommands(tenant: Command, { globals, finish }: CommandContext): void {
  const groupKey = tenant
    .command('group-key')
    .description('list, show and rotate the keys of repository groups');
  groupKey
    .command('list <appliance> <client_id>')
    .description('list the keys of the tenant’s groups, masked')
    .action(async (appliance: string, clientId: string) =>
      finish((await loadGroupKeys()).listGroupKeys(globals(), { appliance, clientId })),
    );
  groupKey
    .command('show <appliance> <client_id> <group>')
    .description('print the key of a group; the audit trail records it')
    .action(async (appliance: string, clientId: string, group: string) =>
      finish((await loadGroupKeys()).showGroupKey(globals(), { appliance, clientId, group })),
    );
  groupKey
    .command('rotate <appliance> <client_id> <group>')
    .description('replace the key of a group')
    .requiredOption('--reason <text>', 'reason or ticket number for the audit trail')
    .option(
      '--overlap <hours>',
      'how long the former key stays valid',
      wholeNumber(1, maxGroupKeyOverlapHours),
      0,
    )
    .action(
      async (
        appliance: string,
        clientId: string,
        group: string,
        options: { overlap: number; reason: string },
      ) =>
        finish((await loadGroupKeys()).rotateGroupKey(globals(), { appliance, clientId, group, ...options })),
    );
}

/**
 * Adds the commands `tenant add|rotate|…`, `tenant plan add|rotate|…` with the same arguments, `tenant
 * note` and `tenant add-many`.
 */
export function addTenantCommands(program: Command, context: CommandContext): void {
  const { globals, finish } = context;
  const tenant = program.command('tenant').description('manage the tenants of an appliance');
  tenant
    .command('list <appliance> [client_id]')
    .description('list the tenants')
    .action(async (name: string, clientId: string | undefined) => {
      const { listTenants } = await import('./commands/tenants.ts');
      await finish(listTenants(globals(), { name, clientId }));
    });

  function addVerb(parent: Command, verb: Verb, load: () => Promise<Run>): void {
    const { kind, after } = verb;
    const command = parent.command(`${kind} <appliance> <client_id>`).description(verb.description);
    const run = async (request: ChangeRequest) => finish((await load())(globals(), request));
    const why = new Option('--reason <text>', 'reason or ticket number for the audit trail');
    verb
      .options(command)
      .addOption(parent === tenant ? why.makeOptionMandatory() : why)
      .option('--confirm <client_id>', 'the client ID again, if the plan asks for it')
      .option('--yes', 'skip the confirmation');
    if (after === undefined)
      command.action((appliance: string, clientId: string, options: ChangeOptions) =>
        run({ kind, appliance, clientId, options }),
      );
    else
      command
        .argument(`<${after.name}>`, undefined, after.of)
        .action((appliance: string, clientId: string, number: number, options: ChangeOptions) =>
          run({ kind, appliance, clientId, number, options }),
        );
  }

  const plan = tenant.command('plan').description('show what a change would do, without making it');
  for (const verb of verbs) {
    addVerb(tenant, verb, async () => (await import('./commands/tenantChanges.ts')).applyTenantChange);
    addVerb(plan, verb, async () => (await import('./commands/tenantChanges.ts')).planTenantChange);
  }
  addNoteCommand(tenant, context);
  addGroupKeyCommands(tenant, context);
  tenant
    .command('add-many <appliance> <file>')
    .description(
      'import the tenants of a CSV file with the columns client_id, public_key and, optionally, quota',
    )
    .requiredOption('--reason <text>', 'reason or ticket number for the audit trail')
    .option('--skip-existing', 'skip tenants that already exist with the same key', false)
    .option('--progress', 'show progress on stderr; always shown on a terminal', false)
    .option('--yes', 'skip the confirmation', false)
    .action(async (appliance: string, file: string, options: Omit<AddManyRequest, 'appliance' | 'file'>) => {
      const { addManyTenants } = await import('./commands/addManyTenants.ts');
      await finish(addManyTenants(globals(), { appliance, file, ...options }));
    });
}
