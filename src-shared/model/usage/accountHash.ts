import { hashField } from './hashedFields.ts';
import { accountHashSchema } from './manageAccounts.ts';

/** The MD5 of an account ID that is given as such, or as the ID itself. Null for any other text. */
function readAccountHash(line: string): string | null {
  if (accountHashSchema.safeParse(line).success) return line;
  const isId = /^[1-9]\d{0,15}$/u.test(line) && Number.isSafeInteger(Number(line));
  return isId ? hashField('account', line) : null;
}

/** Reads accounts, one a line. `wrongLine`: the number of the first other line. Quotes nothing. */
export function readAccountHashes(text: string): { hashes: Set<string>; wrongLine: number | null } {
  const hashes = new Set<string>();
  for (const [at, line] of text.split(/\r?\n/u).entries()) {
    if (line === '') continue;
    const hash = readAccountHash(line);
    if (hash === null) return { hashes, wrongLine: at + 1 };
    hashes.add(hash);
  }
  return { hashes, wrongLine: null };
}
