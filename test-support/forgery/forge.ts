import { sign as signBytes, type KeyObject } from 'node:crypto';
import { createAuthorityKey } from '../../src-appliance/authority/issue.ts';
import { documentTypes, type PublicKey } from '../../src-shared/model/licence/documents.ts';
import type { LicencePayload } from '../../src-shared/model/licence/licence.ts';
import type { LicenceCheck } from '../../src-shared/model/licence/licenceChecks.ts';

export const keyId = 'vendor-2026';
export const authority = createAuthorityKey(keyId);
/** A key that the appliance trusts too, but that is retired. */
export const retired = createAuthorityKey('vendor-2025');
export const unpinned = createAuthorityKey('vendor-2024');
const oneDay = '2026-01-01T00:00:00.000Z';

/** The keys that an appliance must trust, so that only the forgery is wrong. */
export const forgedKeySet: { keys: PublicKey[] } = {
  keys: [authority.publicKey, { ...retired.publicKey, retiredAt: oneDay }],
};

export const encode = (part: string | Buffer) => Buffer.from(part).toString('base64url');
const toText = (part: object | string) => (typeof part === 'string' ? part : JSON.stringify(part));
export const header = { alg: 'EdDSA', typ: documentTypes.licence, kid: keyId };

/** Signs any header and content, also what no authority would sign. */
export function forge(
  payload: object | string | Buffer,
  head: object | string = header,
  key: KeyObject = authority.privateKey,
): string {
  const content = Buffer.isBuffer(payload) ? payload : toText(payload);
  const signed = `${encode(toText(head))}.${encode(content)}`;
  return `${signed}.${signBytes(null, Buffer.from(signed), key).toString('base64url')}`;
}

export const signGenuine = (licence: LicencePayload): string => forge(licence);

/**
 * `check`: the check that refuses the forgery. `isRead`: a console, which takes a text as people paste it, finds the
 * genuine licence in it.
 */
export type ForgedLicence = {
  name: string;
  check: LicenceCheck;
  write: (genuine: LicencePayload) => string | Buffer;
  isRead?: true;
};

export type Write = ForgedLicence['write'];
export const table = (check: LicenceCheck, rows: Readonly<Record<string, Write>>): ForgedLicence[] =>
  Object.entries(rows).map(([name, write]) => ({ name, check, write }));
