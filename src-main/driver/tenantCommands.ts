import { AppError } from '../../src-shared/errors.ts';
import { clientIdSchema } from '../../src-shared/model/tenants/clientId.ts';
import { portCount, portSchema } from '../../src-shared/model/tenants/ports.ts';
import { instantSchema } from '../../src-shared/base/time.ts';

/**
 * A change of a tenant **[doc: add, change, remove; release and the options are ours]**. The appliance refuses it unless
 * `unchangedSince` equals the tenant's `changedAt`. `none`: the tenant must not exist. Null: no check.
 */
export type TenantCommand =
  | {
      verb: 'add';
      clientId: string;
      /** Null: the appliance generates a key pair and prints the private key. */
      publicKeyPath: string | null;
      /** Replaces the keys of an existing tenant. */
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

/** Values can't be mistaken for options, because none may start with a dash. */
function assertPlain(command: TenantCommand): void {
  if (!clientIdSchema.safeParse(command.clientId).success)
    refuse('A CLIENT_ID holds a-z 0-9 . _ - and at most 63 of them.');
  const since = command.unchangedSince;
  if (since !== null && since !== 'none' && !instantSchema.safeParse(since).success)
    refuse('The time must be ISO 8601 in UTC.');
  if (command.verb === 'add') {
    const { publicKeyPath: path, overlapHours } = command;
    if (path !== null && (!/^[^\0-\u001f\u007f]+$/u.test(path) || path.startsWith('-')))
      refuse('The path of a key must not start with a dash or contain control characters.');
    if (overlapHours !== null && (!Number.isInteger(overlapHours) || overlapHours < 1))
      refuse('The overlap must be a whole number of hours.');
  }
  if (
    command.verb === 'change' &&
    (!Number.isInteger(command.quota) || command.quota < 0 || command.quota > portCount)
  )
    refuse(`The quota must be a whole number from 0 to ${portCount}.`);
  if (
    command.verb === 'release' &&
    (!portSchema.safeParse(command.port).success || !Number.isInteger(command.pid) || command.pid < 2)
  )
    refuse('A port and a process number are required.');
}

function option(name: string, value: string | number | null): string[] {
  return value === null ? [] : [name, `${value}`];
}

/** The argument list, in the order that plans show. Throws INVALID_INPUT; no input can become an option. */
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
      // The number comes first [doc].
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
