import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** White space at both ends of a name is no part of it. */
const trimName = (text: string) => text.trim();
/** The same name in one spelling. Lower case doesn't depend on a language. */
const oneSpelling = (text: string) => trimName(text.normalize('NFC')).toLowerCase();

/**
 * The four fields that identify a person **[doc]**, each with what is hashed of it **[ours]**. Names and domains are hashed
 * in one spelling, so that the same person has the same hash on every connector. An account ID and a user ID are hashed as
 * they are, because they may differ in case alone.
 */
export const hashedFields = {
  account: { label: 'Account ID', normalise: (text: string) => text },
  userName: { label: 'Username', normalise: oneSpelling },
  userId: { label: 'User ID', normalise: (text: string) => text },
  userDomain: { label: 'User domain', normalise: oneSpelling },
} as const;
export type HashedField = keyof typeof hashedFields;

/** The text whose UTF-8 bytes are hashed. Null if there is nothing to hash: an empty text would have a hash that says so. */
export function hashInput(field: HashedField, value: string | null): string | null {
  if (value === null) return null;
  const text = hashedFields[field].normalise(value);
  return text === '' ? null : text;
}

/** MD5 in lower-case hex. It is a pseudonym: who guesses the text can check it. Runs in the page, too. */
export function hashField(field: HashedField, value: string | null): string | null {
  const text = hashInput(field, value);
  return text === null ? null : bytesToHex(md5(utf8ToBytes(text)));
}
