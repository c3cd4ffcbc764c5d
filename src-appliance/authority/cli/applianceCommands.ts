import { Option, type Command } from 'commander';
import { z } from 'zod';
import { isPlainLine } from '../../../src-shared/base/machineText.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { collectValues, wholeNumber } from '../../../src-shared/node/commandOptions.ts';
import { formatTable } from '../../../src-shared/node/output.ts';
import { readRequest } from '../store/answers.ts';
import type { ApplianceRecord } from '../store/appliances.ts';
import type { Authority } from '../store/authority.ts';
import { defaultContract } from '../store/contract.ts';
import { documentText } from '../store/signedByAppliance.ts';
import {
  addContractOptions,
  changeContract,
  parseSettings,
  type ContractOptions,
} from './contractOptions.ts';
import { describeRecord, showRecord } from './applianceRecord.ts';
import { readCarriedFile } from './documentFile.ts';
import type { AuthorityContext } from './program.ts';

type AddOptions = ContractOptions & { id?: string; request?: string; licenceKey?: string; sequence?: number };
type SetOptions = ContractOptions & {
  rename?: string;
  set?: string[];
  unset?: string[];
  forgetKey?: boolean;
  reinstate?: boolean;
};

function checkName(name: string): string {
  if (name === '' || name.length > 128 || !isPlainLine(name))
    throw new AppError('INVALID_INPUT', 'A name is one line of at most 128 visible characters.');
  return name;
}

async function addAppliance(
  authority: Authority,
  name: string,
  options: AddOptions,
): Promise<ApplianceRecord> {
  const request =
    options.request === undefined
      ? null
      : await readRequest(documentText(await readCarriedFile(options.request, 'request')));
  const id = z.uuid().safeParse(request?.applianceId ?? options.id);
  if (!id.success)
    throw new AppError(
      'INVALID_INPUT',
      'Enter the appliance’s ID (--id), or a file with a request of it (--request).',
    );
  const { licenceKey, sequence } = options;
  if (licenceKey !== undefined && !/^[\w-]{4,128}$/u.test(licenceKey))
    throw new AppError('INVALID_INPUT', 'A licence key has 4 to 128 letters, digits, - and _.');
  return authority.appliances.add({
    id: id.data,
    name: checkName(name),
    contract: changeContract(defaultContract, options),
    identity: request?.publicKey ?? null,
    ...(licenceKey === undefined ? {} : { licenceKey }),
    ...(sequence === undefined ? {} : { sequence }),
  });
}

function setAppliance(authority: Authority, name: string, options: SetOptions): ApplianceRecord {
  const { id, contract } = authority.appliances.find(name);
  const { rename, forgetKey = false, reinstate = false } = options;
  const changed = changeContract(contract, options);
  const settings = parseSettings(options);
  return authority.appliances.change(id, {
    ...(rename === undefined ? {} : { name: checkName(rename) }),
    ...(JSON.stringify(changed) === JSON.stringify(contract) ? {} : { contract: changed }),
    ...(settings === null ? {} : { settings }),
    forgetIdentity: forgetKey,
    reinstate,
  });
}

/** `appliance` and `revoke`. */
export function addApplianceCommands(program: Command, { withAuthority }: AuthorityContext): void {
  const appliance = program
    .command('appliance')
    .description('add, list, show and change appliances and their contracts');
  addContractOptions(
    appliance
      .command('add <name>')
      .description('add an appliance')
      .option('--id <uuid>', 'the appliance’s ID (`applianceId` in its /etc/sallyport/appliance.json)')
      .addOption(
        new Option('--request <file>', 'take the ID and the key from a request of the appliance').conflicts(
          'id',
        ),
      )
      .option('--licence-key <key>', 'licence key; by default a new one')
      .option(
        '--sequence <n>',
        'sequence of its last licence, if another authority issued it',
        wholeNumber(0, 1_000_000_000),
      ),
  ).action((name: string, options: AddOptions) =>
    withAuthority(async (authority, output) => {
      const added = await addAppliance(authority, name, options);
      output.print(added, () => describeRecord(showRecord(authority, added)));
    }),
  );
  appliance
    .command('list')
    .description('list the appliances')
    .action(() =>
      withAuthority(({ appliances }, output) => {
        const all = appliances.list();
        output.print(all, () =>
          formatTable(
            ['APPLIANCE', 'ID', 'LICENCE KEY', 'SEQUENCE', 'STATUS'],
            all.map(({ name, id, licenceKey, sequence, revokedAt }) => [
              name,
              id,
              licenceKey,
              sequence,
              revokedAt === null ? 'licensed' : 'revoked',
            ]),
          ),
        );
      }),
    );
  appliance
    .command('show <appliance>')
    .description('show a contract and what was issued and received')
    .action((name: string) =>
      withAuthority((authority, output) => {
        const record = showRecord(authority, authority.appliances.find(name));
        output.print(record, () => describeRecord(record));
      }),
    );
  addContractOptions(
    appliance
      .command('set <appliance>')
      .description(
        'change a contract; omitted options change nothing; licences issued before stay as they are',
      )
      .option('--rename <name>', 'new name')
      .option(
        '--set <path=value>',
        'change a setting of the appliance with its next licence; repeat for several',
        collectValues,
      )
      .option('--unset <path>', 'remove a setting with its next licence; repeat for several', collectValues)
      .option(
        '--forget-key',
        'accept another key of the appliance from its next request, after a reinstallation',
      )
      .option('--reinstate', 'undo a revocation'),
  ).action((name: string, options: SetOptions) =>
    withAuthority((authority, output) => {
      const changed = setAppliance(authority, name, options);
      output.print(changed, () => describeRecord(showRecord(authority, changed)));
    }),
  );
  program
    .command('revoke <appliance>')
    .description('issue no more licences to an appliance; its present licence stays valid until it expires')
    .action((name: string) =>
      withAuthority(({ appliances }, output) => {
        const revoked = appliances.revoke(appliances.find(name).id);
        output.print(
          revoked,
          () => `${revoked.name} gets no more licences. Its present licence stays valid until it expires.`,
        );
      }),
    );
}
