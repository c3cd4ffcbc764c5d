import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { hasPart, type Credential, type SecretPart } from '../../src-shared/model/secrets/credential.ts';
import type { Audit } from '../audit/audit.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';
import type { AskSecret, StoredSecrets } from '../ssh/types.ts';
import type { CredentialRows } from './credentialRows.ts';
import type { SecretKeeper } from './secretKeeper.ts';

type Question = Parameters<AskSecret>[0];
type Named = { credential: Credential; part: SecretPart };

/** Which state of a credential: another one after each rotation. */
const versionOf = ({ id, rotatedAt }: Credential) => `${id} ${rotatedAt}`;

/** The credential that a hop names for a question. A password is only for the hop's own user; never for another hop. */
function findNamed(
  entry: ApplianceEntry,
  question: Question,
  rows: Pick<CredentialRows, 'find'>,
): Named | null {
  const part = question.kind === 'key-passphrase' ? 'passphrase' : 'password';
  const hop = [entry.target, ...entry.jumps].find((target) => hopNameOf(target) === question.hop);
  if (hop === undefined) return null;
  const { keyFile } = hop.authentication;
  // A passphrase belongs to the key file, which a jump host may share with the appliance.
  const isSharedKey = part === 'passphrase' && entry.target.authentication.keyFile === keyFile;
  const name =
    hop.authentication.credential ?? (isSharedKey ? entry.target.authentication.credential : undefined);
  const credential = name === undefined ? undefined : rows.find(name);
  if (credential === undefined || !hasPart(credential.kind, part)) return null;
  const isOfUser = part === 'passphrase' || credential.userName === null || credential.userName === hop.user;
  return isOfUser ? { credential, part } : null;
}

/** Answers the questions of sign-ins from the vault. */
export function createStoredSecrets(options: {
  rows: CredentialRows;
  keeper: Pick<SecretKeeper, 'read' | 'state'>;
  /** Resolves with false if the user does not unlock the vault. */
  waitForUnlock: () => Promise<boolean>;
  audit: Pick<Audit, 'notice'>;
}) {
  const { rows, keeper, audit } = options;
  const condition = () => keeper.state().condition;

  async function read(
    entry: ApplianceEntry,
    { credential, part }: Named,
    hop: string,
  ): Promise<string[] | null> {
    // The vault was lost, so the user is asked as without one.
    if (condition() === 'absent') return null;
    if (condition() === 'locked' && !(await options.waitForUnlock()))
      throw new AppError(
        'VAULT_LOCKED',
        `${hop} needs the credential ${credential.name}, and the vault is locked.`,
        { detail: { hop, credential: credential.name } },
      );
    const secret = keeper.read(credential.id, part);
    if (secret === null) return null;
    const text = secret.toString();
    secret.fill(0);
    const detail = `credential ${credential.name}`;
    audit.notice({ event: 'credential.answer', object: entry.name, destination: hop, detail });
    return [text];
  }

  return {
    /** The secrets for the sign-ins to one appliance. */
    of: (entry: ApplianceEntry): StoredSecrets => {
      /** The credentials that were refused, each with the version that was. They are not sent again. */
      const refused = new Map<string, string>();
      const findUsable = (question: Question): Named | null => {
        const named = findNamed(entry, question, rows);
        if (named === null) return null;
        const key = JSON.stringify([question.hop, named.part]);
        if (question.refused) refused.set(key, versionOf(named.credential));
        return refused.get(key) === versionOf(named.credential) ? null : named;
      };
      return {
        isReady: (question) =>
          !question.refused && condition() === 'unlocked' && findUsable(question) !== null,
        find: async (question) => {
          const named = findUsable(question);
          return named === null ? null : read(entry, named, question.hop);
        },
      };
    },
  };
}
