import { AppError } from '../../src-shared/errors.ts';
import { lookAlikeSentence } from '../../src-shared/base/lookAlikes.ts';
import { clientIdSchema } from '../../src-shared/model/tenants/clientId.ts';
import { portCount, portSchema } from '../../src-shared/model/tenants/ports.ts';
import { instantSchema } from '../../src-shared/base/time.ts';
import { quoteArgv } from '../../src-shared/base/quoteArgv.ts';

/**
 * A change of a tenant as arguments of the appliance's command **[doc: add, change, remove; release and the
 * options are ours]**. If the tenant's `changedAt` is not `unchangedSince`, the appliance refuses (`none`: no
 * such tenant; null: no check).
 */
export type TenantCommandRequest =
  | {
      verb: 'add';
      clientId: string;
      /** Null: the appliance generates a key pair and prints the private key. */
      publicKeyPath: string | null;
      /** Replaces all keys of an existing tenant by the new key. */
      replace: boolean;
      overlapHours: number | null;
      unchangedSince: string | null;
    }
  | { verb: 'change'; quota: number; clientId: string; unchangedSince: string | null }
  | { verb: 'remove'; clientId: string; unchangedSince: string | null }
  | { verb: 'release'; port: number; pid: number; clientId: string; unchangedSince: string | null };

const isChecked: unique symbol = Symbol('isChecked');

/** Created only by `buildTenantCommand`, so that the driver runs only validated arguments. */
export type TenantCommand = Readonly<{
  argv: readonly string[];
  /** The command as one line for a POSIX shell, for plans and the audit trail. */
  text: string;
  [isChecked]: true;
}>;

function refuse(message: string): never {
  throw new AppError('INVALID_INPUT', message);
}

/** Throws if a value starts with a dash, because the command would read it as an option. */
function assertPlain(request: TenantCommandRequest): void {
  if (!clientIdSchema.safeParse(request.clientId).success)
    refuse(
      `A CLIENT_ID has 1 to 63 characters: a-z, 0-9, dot, dash or underscore.${lookAlikeSentence(request.clientId)}`,
    );
  const since = request.unchangedSince;
  if (since !== null && since !== 'none' && !instantSchema.safeParse(since).success)
    refuse('The time must be ISO 8601 in UTC.');
  if (request.verb === 'add') {
    const { publicKeyPath: path, overlapHours } = request;
    if (path !== null && (!/^[^\0-\u001f\u007f]+$/u.test(path) || path.startsWith('-')))
      refuse('The path of a key must not start with a dash or contain control characters.');
    if (overlapHours !== null && (!Number.isInteger(overlapHours) || overlapHours < 1))
      refuse('The overlap must be a whole number of hours.');
  }
  if (
    request.verb === 'change' &&
    (!Number.isInteger(request.quota) || request.quota < 0 || request.quota > portCount)
  )
    refuse(`The quota must be a whole number from 0 to ${portCount}.`);
  if (
    request.verb === 'release' &&
    (!portSchema.safeParse(request.port).success || !Number.isInteger(request.pid) || request.pid < 2)
  )
    refuse('A port and a process number are required.');
}

function option(name: string, value: string | number | null): string[] {
  return value === null ? [] : [name, `${value}`];
}

/** The arguments of this verb, without the verb and the options that all verbs share. */
function argumentsOf(request: TenantCommandRequest): string[] {
  switch (request.verb) {
    case 'add':
      return [
        request.clientId,
        ...option('--pub-key', request.publicKeyPath),
        ...(request.replace ? ['-f'] : []),
        ...option('--overlap', request.overlapHours),
      ];
    case 'change':
      // The documented order: first the number, then the tenant [doc].
      return [`${request.quota}`, request.clientId];
    case 'remove':
      return [request.clientId];
    case 'release':
      return [`${request.port}`, '--pid', `${request.pid}`, request.clientId];
  }
}

/** Builds the command of a change. Throws INVALID_INPUT if a value could be read as an option. */
export function buildTenantCommand(request: TenantCommandRequest): TenantCommand {
  assertPlain(request);
  const argv = [
    'ke_manage_remote_networks',
    request.verb,
    ...argumentsOf(request),
    ...option('--unchanged-since', request.unchangedSince),
    '--json',
  ];
  return { argv, text: quoteArgv(argv), [isChecked]: true };
}
