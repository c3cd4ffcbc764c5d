import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { AppError } from '../../src-shared/errors.ts';
import { sshTargetSchema, type SshTarget } from '../../src-shared/model/applianceEntry.ts';
import { plainHost } from '../ssh/hopName.ts';
import { givenPath } from './givenPath.ts';

const pattern = /^(?<user>[^@]+)@(?<host>\[[^\]]+\]|[^:\s]+)(?::(?<port>\d{1,5}))?$/u;

/** `USER@HOST[:PORT]`; an IPv6 address stands in brackets. Throws INVALID_INPUT. */
export function parseTarget(text: string, keyFile: string): SshTarget {
  const groups = pattern.exec(text)?.groups;
  const host = groups?.['host'];
  const parsed = sshTargetSchema.safeParse({
    user: groups?.['user'],
    host: host === undefined ? undefined : plainHost(host),
    port: Number(groups?.['port'] ?? '22'),
    authentication: { agent: false, keyFile, password: false, keyboardInteractive: false },
  });
  if (!parsed.success)
    throw new AppError('INVALID_INPUT', `${JSON.stringify(text)} is not of the form USER@HOST[:PORT].`);
  return parsed.data;
}

/** The absolute path of a key file that can be read; throws KEY_UNREADABLE. */
export async function readableKeyFile(path: string): Promise<string> {
  const file = givenPath(path);
  try {
    await access(file, constants.R_OK);
  } catch (cause) {
    throw new AppError('KEY_UNREADABLE', `The key file ${file} can't be read.`, { detail: { file }, cause });
  }
  return file;
}
