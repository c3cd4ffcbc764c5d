import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { AppError } from '../../../src-shared/errors.ts';
import { withLookAlike } from '../../../src-shared/base/lookAlikes.ts';
import {
  sshTargetSchema,
  type Authentication,
  type SshTarget,
} from '../../../src-shared/model/appliance/applianceEntry.ts';
import { hasPart, type Credential } from '../../../src-shared/model/secrets/credential.ts';
import { portSchema } from '../../../src-shared/model/tenants/ports.ts';
import { defaultAgentPath } from '../../ssh/transport/agentIdentities.ts';
import { defaultSshPort, readAddress } from '../../../src-shared/model/appliance/address.ts';

/** Parses `USER@HOST[:PORT]`; an IPv6 address needs brackets. Throws INVALID_INPUT. */
export function parseTarget(text: string, authentication: Authentication): SshTarget {
  const address = readAddress(text);
  const port = address?.port ?? defaultSshPort;
  const parsed = sshTargetSchema.safeParse({ ...address, port, authentication });
  const isBadPort = address !== null && !portSchema.safeParse(port).success;
  const why = isBadPort ? ': the port must be a number from 1 to 65535' : '';
  if (!parsed.success)
    throw new AppError(
      'INVALID_INPUT',
      `${withLookAlike(`${JSON.stringify(text)} must have the form USER@HOST[:PORT]${why}`, text)}.`,
    );
  return parsed.data;
}

/** How to log in: with the key file `identity`, or with the keys of the agent if it is undefined. */
export function authenticationWith(identity: string | undefined): Authentication {
  return {
    agent: identity === undefined,
    keyFile: identity ?? null,
    password: false,
    keyboardInteractive: false,
  };
}

/**
 * The target with a credential that answers for it. Throws INVALID_INPUT if the target can't use it: a password of another
 * user, or a passphrase without a key file.
 */
export function withCredential(target: SshTarget, { name, kind, userName }: Credential): SshTarget {
  const { authentication } = target;
  if (!hasPart(kind, 'password')) {
    if (authentication.keyFile === null)
      throw new AppError(
        'INVALID_INPUT',
        `The credential ${name} has only the passphrase of a key file. Add --identity FILE.`,
      );
    return { ...target, authentication: { ...authentication, credential: name } };
  }
  if (userName !== null && userName !== target.user)
    throw new AppError(
      'INVALID_INPUT',
      `The credential ${name} is of the user ${userName}, and the address has the user ${target.user}.`,
    );
  // sshd asks for a password by one method or the other.
  const methods = { password: true, keyboardInteractive: true };
  return { ...target, authentication: { ...authentication, ...methods, credential: name } };
}

/** The target without a credential. */
export function withoutCredential(target: SshTarget): SshTarget {
  const { credential: _, ...authentication } = target.authentication;
  return { ...target, authentication };
}

/**
 * Throws KEY_UNREADABLE if the key file can't be read, and INVALID_INPUT if there is neither a key file nor
 * an agent.
 */
export async function assertHasKey(identity: string | undefined): Promise<void> {
  if (identity === undefined) {
    if (defaultAgentPath() !== null) return;
    throw new AppError(
      'INVALID_INPUT',
      'No agent is running (SSH_AUTH_SOCK is not set). Add --identity FILE, or start an agent and add a key with ssh-add.',
    );
  }
  try {
    await access(identity, constants.R_OK);
  } catch (cause) {
    const detail = { file: identity };
    throw new AppError('KEY_UNREADABLE', `The key file ${identity} can’t be read.`, { detail, cause });
  }
}
