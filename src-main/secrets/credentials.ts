import { randomUUID } from 'node:crypto';
import { AppError } from '../../src-shared/errors.ts';
import { parseInput } from '../../src-shared/parseInput.ts';
import { userSchema, type ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import {
  credentialKinds,
  credentialSchema,
  hasPart,
  secretPartSchema,
  secretParts,
  secretValuesSchema,
  type Credential,
  type CredentialKind,
  type SecretValues,
  type UsedCredential,
} from '../../src-shared/model/secrets/credential.ts';
import type { Audit } from '../audit/audit.ts';
import type { CredentialRows } from './credentialRows.ts';
import { deleteSecrets, setSecret, type SecretRecords } from './secretRecords.ts';
import type { SecretKeeper } from './secretKeeper.ts';

/** Stricter than `credentialSchema`, so that a stored one can always be listed. */
const newCredentialSchema = credentialSchema.extend({ userName: userSchema.nullable() });

type NewCredential = { name: string; userName: string | null; kind: CredentialKind; values: SecretValues };

/** The names of the credentials that an entry refers to, of its jump hosts too. */
export const credentialsOf = ({ target, jumps }: Pick<ApplianceEntry, 'target' | 'jumps'>): string[] =>
  [target, ...jumps].flatMap(({ authentication }) => authentication.credential ?? []);

/** Throws INVALID_INPUT for a secret that the kind does not have. */
function assertParts(kind: CredentialKind, values: SecretValues): void {
  for (const part of secretPartSchema.options)
    if (values[part] !== undefined && !hasPart(kind, part))
      throw new AppError(
        'INVALID_INPUT',
        `A credential of the kind “${credentialKinds[kind].label}” has no ${secretParts[part].label.toLowerCase()}.`,
      );
}

function setValues(records: SecretRecords, id: string, values: SecretValues): void {
  for (const part of secretPartSchema.options) {
    const value = values[part];
    if (value !== undefined) setSecret(records, { id, part, value });
  }
}

const describe = ({ kind, userName }: Pick<Credential, 'kind' | 'userName'>) =>
  [credentialKinds[kind].label, ...(userName === null ? [] : [`of ${userName}`])].join(' ');

/** Named credentials: their names in the database, their secrets in the vault. Each change is recorded, without secrets. */
export function createCredentials(options: {
  rows: CredentialRows;
  keeper: Pick<SecretKeeper, 'write'>;
  entries: () => readonly ApplianceEntry[];
  audit: Pick<Audit, 'act'>;
  clock: () => number;
  onChange: () => void;
}) {
  const { rows, keeper, audit, clock } = options;
  const usersOf = (name: string) =>
    options.entries().flatMap((entry) => (credentialsOf(entry).includes(name) ? [entry.name] : []));

  function assertUnused(name: string): void {
    const users = usersOf(name);
    if (users.length > 0)
      throw new AppError('CREDENTIAL_IN_USE', `${name} is used by ${users.join(', ')}.`, {
        detail: { name, users },
      });
  }

  return {
    list: (): UsedCredential[] =>
      rows.list().map((credential) => ({ ...credential, users: usersOf(credential.name) })),
    /** Throws NOT_FOUND. */
    get: rows.get,
    /** Throws NOT_FOUND or CREDENTIAL_IN_USE. */
    assertUnused: (name: string): void => assertUnused(rows.get(name).name),
    /** Rejects with ALREADY_EXISTS, INVALID_INPUT if a secret of its kind is missing, or VAULT_LOCKED. */
    add: async (request: NewCredential): Promise<Credential> => {
      const { name, userName, kind } = request;
      const values = parseInput(secretValuesSchema, request.values);
      const now = new Date(clock()).toISOString();
      const facts = { id: randomUUID(), name, userName, kind, createdAt: now, rotatedAt: null };
      const credential = parseInput(newCredentialSchema, facts);
      assertParts(kind, values);
      const missing = credentialKinds[kind].parts.filter((part) => values[part] === undefined);
      if (missing.length > 0)
        throw new AppError(
          'INVALID_INPUT',
          `Missing: ${missing.map((part) => secretParts[part].label.toLowerCase()).join(', ')}.`,
        );
      return audit.act({ event: 'credential.add', object: name, detail: describe(credential) }, async () => {
        rows.assertFree(name);
        await keeper.write((records) => setValues(records, credential.id, values));
        try {
          rows.add(credential);
        } catch (thrown) {
          await keeper.write((records) => deleteSecrets(records, credential.id));
          throw thrown;
        }
        options.onChange();
        return credential;
      });
    },
    /** Replaces secrets for all appliances at once. Rejects with NOT_FOUND, INVALID_INPUT or VAULT_LOCKED. */
    rotate: async (name: string, request: SecretValues): Promise<Credential> => {
      const credential = rows.get(name);
      const values = parseInput(secretValuesSchema, request);
      assertParts(credential.kind, values);
      const given = secretPartSchema.options.filter((part) => values[part] !== undefined);
      if (given.length === 0) throw new AppError('INVALID_INPUT', 'Enter the new secret.');
      const detail = given.map((part) => secretParts[part].label.toLowerCase()).join(', ');
      return audit.act({ event: 'credential.rotate', object: name, detail }, async () => {
        await keeper.write((records) => setValues(records, credential.id, values));
        rows.setRotatedAt(credential.id, new Date(clock()).toISOString());
        options.onChange();
        return rows.get(name);
      });
    },
    /** Rejects with NOT_FOUND, CREDENTIAL_IN_USE or VAULT_LOCKED. */
    remove: async (name: string): Promise<void> => {
      const { id } = rows.get(name);
      await audit.act({ event: 'credential.remove', object: name }, async () => {
        assertUnused(name);
        await keeper.write((records) => deleteSecrets(records, id));
        rows.remove(id, () => assertUnused(name));
        options.onChange();
      });
    },
  };
}
