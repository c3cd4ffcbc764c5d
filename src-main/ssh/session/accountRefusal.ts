import { AppError } from '../../../src-shared/errors.ts';
import { quoteServerText } from '../transport/serverTexts.ts';
import type { RunResult } from '../types.ts';

/**
 * Sentences with which sshd and the shell of a locked account refuse every command after a complete login. No
 * command has run then.
 */
const refusals = [
  {
    stream: 'stderr',
    sentence: /^Password change required but no TTY available\./mu,
    reason: 'its password has expired and must be changed at a terminal',
  },
  {
    stream: 'stdout',
    sentence: /^This service allows sftp connections only\.\s*$/mu,
    reason: 'its SSH server allows only SFTP',
  },
  {
    stream: 'stdout',
    sentence: /^This account is currently not available\.\s*$/mu,
    reason: 'its shell allows no log-in',
  },
] as const;

/** Only short output is a refusal; a log may contain such a sentence. */
const maxLength = 2_048;

/** Returns the error if the server refused the account instead of running a command. */
export function findAccountRefusal(hop: string, result: RunResult): AppError | null {
  if (result.exitCode === 0 || result.exitCode === null) return null;
  for (const { stream, sentence, reason } of refusals) {
    const text = result[stream];
    if (text.length > maxLength || !sentence.test(text)) continue;
    return new AppError(
      'AUTHENTICATION_FAILED',
      `${hop} accepted the login but runs no command for this user: ${reason}. The server said: ${quoteServerText(text)}.`,
      { detail: { hop } },
    );
  }
  return null;
}
