import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { AppError } from '../../src-shared/errors.ts';
import {
  sshTargetSchema,
  type Authentication,
  type SshTarget,
} from '../../src-shared/model/applianceEntry.ts';
import { defaultAgentPath } from '../ssh/agentIdentities.ts';
import { plainHost } from '../ssh/hopName.ts';

const pattern = /^(?<user>[^@]+)@(?<host>\[[^\]]+\]|[^:\s]+)(?::(?<port>\d{1,5}))?$/u;

/** `USER@HOST[:PORT]`; an IPv6 address stands in brackets. Throws INVALID_INPUT. */
export function parseTarget(text: string, authentication: Authentication): SshTarget {
  const groups = pattern.exec(text)?.groups;
  const host = groups?.['host'];
  const parsed = sshTargetSchema.safeParse({
    user: groups?.['user'],
    host: host === undefined ? undefined : plainHost(host),
    port: Number(groups?.['port'] ?? '22'),
    authentication,
  });
  if (!parsed.success)
    throw new AppError('INVALID_INPUT', `${JSON.stringify(text)} is not of the form USER@HOST[:PORT].`);
  return parsed.data;
}

/**
 * How to log in with the key in the file `identity`, or without one with the keys of the agent. Throws KEY_UNREADABLE for
 * a file that can't be read, INVALID_INPUT if there is neither a file nor an agent.
 */
export async function authenticationWith(identity: string | undefined): Promise<Authentication> {
  const only = { agent: false, keyFile: null, password: false, keyboardInteractive: false };
  if (identity === undefined) {
    if (defaultAgentPath() === null)
      throw new AppError(
        'INVALID_INPUT',
        'Give a key with --identity FILE, or start an agent and give it one with ssh-add: SSH_AUTH_SOCK is not set.',
      );
    return { ...only, agent: true };
  }
  try {
    await access(identity, constants.R_OK);
  } catch (cause) {
    const detail = { file: identity };
    throw new AppError('KEY_UNREADABLE', `The key file ${identity} can't be read.`, { detail, cause });
  }
  return { ...only, keyFile: identity };
}
