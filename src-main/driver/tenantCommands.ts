import { AppError } from '../../src-shared/errors.ts';
import { clientIdSchema } from '../../src-shared/model/tenants/clientId.ts';
import { portCount, portSchema } from '../../src-shared/model/tenants/ports.ts';
import { instantSchema } from '../../src-shared/base/time.ts';

/**
 * A change of a tenant as the appliance's command takes it **[doc: add, change, remove; release and the options are ours]**.
 * `unchangedSince` is the tenant's `changedAt` that the change rests on: with another one the appliance refuses under its
 * own lock. `none`: there must be no such tenant. Null does not ask.
 */
export type TenantCommand =
  | {
      verb: 'add';
      clientId: string;
      /** Null has the appliance make a pair and print the private key. */
      publicKeyPath: string | null;
      /** Gives an existing tenant new keys. */
      replace: boolean;
      overlapHours: number | null;
      unchangedSince: string | null;
    }
  | { verb: 'change'; quota: number; clientId: string; unchangedSince: string | null }
  | { verb: 'remove'; clientId: string; unchangedSince: string | null }
  | { verb: 'release'; port: number; pid: number; clientId: string; unchangedSince: string | null };

function refuse(message: string): never {
  throw new AppError('INVALID_INPUT', message);
}

/** No value can pass for an option, since none of them may begin with a dash. */
function assertPlain(command: TenantCommand): void {
  if (!clientIdSchema.safeParse(command.clientId).success)
    refuse('A CLIENT_ID holds a-z 0-9 . _ - and at most 63 of them.');
  const since = command.unchangedSince;
  if (since !== null && since !== 'none' && !instantSchema.safeParse(since).success)
    refuse('An instant is ISO 8601 in UTC.');
  if (command.verb === 'add') {
    const { publicKeyPath: path, overlapHours } = command;
    if (path !== null && (!/^[^\0-\u001f\u007f]+$/u.test(path) || path.startsWith('-')))
      refuse('The path of a key holds no control character and no dash in front.');
    if (overlapHours !== null && (!Number.isInteger(overlapHours) || overlapHours < 1))
      refuse('An overlap is a whole number of hours.');
  }
  if (
    command.verb === 'change' &&
    (!Number.isInteger(command.quota) || command.quota < 0 || command.quota > portCount)
  )
    refuse(`A quota is a whole number from 0 to ${portCount}.`);
  if (
    command.verb === 'release' &&
    (!portSchema.safeParse(command.port).success || !Number.isInteger(command.pid) || command.pid < 2)
  )
    refuse('A port and the number of a process are needed.');
}

function option(name: string, value: string | number | null): string[] {
  return value === null ? [] : [name, `${value}`];
}

/** The argument list, in the order in which plans show it. Throws INVALID_INPUT; nothing a person typed becomes an option. */
export function tenantCommandArgv(command: TenantCommand): string[] {
  assertPlain(command);
  const program = 'ke_manage_remote_networks';
  switch (command.verb) {
    case 'add':
      return [
        program,
        'add',
        command.clientId,
        ...option('--pub-key', command.publicKeyPath),
        ...(command.replace ? ['-f'] : []),
        ...option('--overlap', command.overlapHours),
        ...option('--unchanged-since', command.unchangedSince),
        '--json',
      ];
    case 'change':
      // The number first [doc].
      return [
        program,
        'change',
        `${command.quota}`,
        command.clientId,
        ...option('--unchanged-since', command.unchangedSince),
        '--json',
      ];
    case 'remove':
      return [
        program,
        'remove',
        command.clientId,
        ...option('--unchanged-since', command.unchangedSince),
        '--json',
      ];
    case 'release':
      return [
        program,
        'release',
        `${command.port}`,
        '--pid',
        `${command.pid}`,
        command.clientId,
        ...option('--unchanged-since', command.unchangedSince),
        '--json',
      ];
  }
}
