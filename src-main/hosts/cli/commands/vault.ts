import { AppError } from '../../../../src-shared/errors.ts';
import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { protections, vaultConditions } from '../../../../src-shared/model/secrets/vault.ts';
import { formatValue } from '../output.ts';
import { readNewSecrets, readPassphrase, readSecretLine } from '../terminalSecrets.ts';
import { withConsole, type Globals } from '../withConsole.ts';

export function createVault(globals: Globals): Promise<number> {
  return withConsole(globals, async ({ secrets }) => {
    if (secrets.state().condition !== 'absent')
      throw new AppError('ALREADY_EXISTS', 'There is already a vault in this data folder.');
    const { passphraseFd } = globals;
    const [passphrase = ''] =
      passphraseFd === undefined
        ? await readNewSecrets(['New passphrase of the vault'], true)
        : [await readSecretLine(passphraseFd)];
    await secrets.create(passphrase);
    globals.output.print({ created: true, protection: 'passphrase' }, () =>
      ['Vault created.', 'Keep the passphrase somewhere else, too: nothing opens the vault without it.'].join(
        '\n',
      ),
    );
    return 0;
  });
}

export function changePassphrase(globals: Globals): Promise<number> {
  return withConsole(globals, async ({ secrets }) => {
    if (globals.passphraseFd === 0)
      throw new AppError(
        'INVALID_INPUT',
        'Standard input has the new passphrase; pass the current one by another file descriptor.',
      );
    const before = await readPassphrase(globals.passphraseFd, 'Current passphrase of the vault');
    if (before === null)
      throw new AppError('SECRET_NEEDED', 'The current passphrase is needed. Add --passphrase-fd N.');
    const [after = ''] = await readNewSecrets(['New passphrase of the vault'], true);
    await secrets.changePassphrase(before, after);
    globals.output.print({ changed: true }, () => 'Passphrase changed. The secrets were encrypted again.');
    return 0;
  });
}

/** Exit code: 1 if the vault can't be read. */
export function showVault(globals: Globals): Promise<number> {
  return withConsole(globals, ({ secrets }) => {
    const { condition, problem, protection } = secrets.state();
    const credentials = secrets.credentials.list().length;
    globals.output.print({ condition, protection, problem, credentials }, () =>
      [
        [
          'vault',
          condition === 'locked' ? 'present; unlocked for each command' : vaultConditions[condition].label,
        ],
        ...(problem === null ? [] : [['reason', problem]]),
        ['protected by', protection === null ? null : protections[protection].label],
        ['credentials', credentials],
      ]
        .map(([label, value]) => `${String(label).padEnd(13)} ${formatValue(value)}`)
        .join('\n'),
    );
    return condition === 'unreadable' ? exitCodes.failed : exitCodes.done;
  });
}
