import type { Command } from 'commander';
import { formatInstant } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { writeNewFile } from '../../../src-shared/node/namedFiles.ts';
import { formatTable } from '../../../src-shared/node/output.ts';
import { createAuthority } from '../store/authority.ts';
import type { KeyEntry, KeyState } from '../store/keys.ts';
import type { AuthorityContext } from './program.ts';

const stateTexts: Record<KeyState, string> = {
  next: 'signs after the next rotation',
  signing: 'signs',
  replaced: 'replaced, still accepted',
  retired: 'retired',
};

function keyTable(keys: readonly KeyEntry[]): string {
  return formatTable(
    ['KEY', 'STATE', 'CREATED', 'RETIRED'],
    keys.map(({ id, state, createdAt, retiredAt }) => [
      id,
      stateTexts[state],
      formatInstant(createdAt),
      retiredAt === null ? null : formatInstant(retiredAt),
    ]),
  );
}

const installHint =
  'Install the exported keys on the appliances ("keys export") before the next licence reaches them.';

/** `init` and `keys`. */
export function addKeyCommands(
  program: Command,
  { folder, output, run, withAuthority }: AuthorityContext,
): void {
  program
    .command('init')
    .description('create an authority with its first key')
    .action(() =>
      run(() => {
        const authority = createAuthority({ folder: folder() });
        const [key] = authority.keys.list();
        authority.close();
        if (key === undefined) throw new AppError('STORE_FAILED', 'The first key could not be created.');
        output().print(
          { folder: folder(), key },
          () => `The authority in ${folder()} signs with the key ${key.id}.`,
        );
      }),
    );
  const keys = program.command('keys').description('list, rotate, retire and export the authority’s keys');
  keys
    .command('list')
    .description('list all keys, oldest first')
    .action(() =>
      withAuthority((authority, output) =>
        output.print(authority.keys.list(), () => keyTable(authority.keys.list())),
      ),
    );
  keys
    .command('add')
    .description('add a key that signs only after the next rotation, so that appliances can install it first')
    .action(() =>
      withAuthority((authority, output) => {
        const key = authority.keys.add();
        output.print(key, () => `The key ${key.id} was added. ${installHint}`);
      }),
    );
  keys
    .command('rotate')
    .description('sign with the key that was added, otherwise with a new one')
    .action(() =>
      withAuthority((authority, output) => {
        const key = authority.keys.rotate();
        output.print(key, () => `The key ${key.id} signs from now on. ${installHint}`);
      }),
    );
  keys
    .command('retire <key>')
    .description('retire a key: appliances refuse new licences that it signed; its private key is deleted')
    .action((id: string) =>
      withAuthority((authority, output) => {
        const key = authority.keys.retire(id);
        output.print(
          key,
          () => `The key ${key.id} is retired. Export the keys and install them on the appliances.`,
        );
      }),
    );
  keys
    .command('export')
    .description('print the public keys (JWKS), which appliances install as their authority keys')
    .option('--out <file>', 'write a new file instead')
    .action(({ out }: { out?: string }) =>
      withAuthority((authority, output) => {
        const keySet = authority.keys.exportSet();
        const text = JSON.stringify(keySet, null, 2);
        if (out === undefined) {
          process.stdout.write(`${text}
`);
          return;
        }
        writeNewFile(out, `${text}\n`);
        output.print(
          { file: out, ...keySet },
          () => `${keySet.keys.length} public keys were written to ${out}.`,
        );
      }),
    );
}
