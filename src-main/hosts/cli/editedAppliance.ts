import { AppError, joinErrors } from '../../../src-shared/errors.ts';
import {
  applianceInputSchema,
  type ApplianceEntry,
  type ApplianceInput,
  type Authentication,
  type SshTarget,
} from '../../../src-shared/model/appliance/applianceEntry.ts';
import { describeIssues, readHostKey } from './newAppliance.ts';
import type { Credential } from '../../../src-shared/model/secrets/credential.ts';
import {
  assertHasKey,
  authenticationWith,
  parseTarget,
  withCredential,
  withoutCredential,
} from './target.ts';

/** The options of `appliance edit`, as commander reads them. An option `--no-…` has the value `false`. */
export type EditOptions = {
  rename?: string;
  hostKey?: string;
  jumpHostKey?: string[];
  address?: string;
  identity?: string;
  jump?: string[] | boolean;
  sudo?: string;
  legacyAlgorithms?: boolean;
  group?: string;
  cluster?: string;
  description?: string;
  tag?: string[] | boolean;
  connect?: string;
  colour?: string;
  /** `false` removes the reference. */
  credential?: string | boolean;
};

function readList<Item>(
  values: string[] | boolean | undefined,
  before: Item[],
  read: (text: string) => Item,
): Item[] {
  if (values === false) return [];
  return Array.isArray(values) ? values.map(read) : before;
}

/** The methods with another key file, if one is given. The credential stays. */
function readAuthentication({ target }: ApplianceEntry, identity: string | undefined): Authentication {
  const { authentication } = target;
  if (identity === undefined) return authentication;
  const { credential, password, keyboardInteractive } = authentication;
  const withKey = authenticationWith(identity);
  return credential === undefined ? withKey : { ...withKey, credential, password, keyboardInteractive };
}

/** `false` removes the credential, null keeps it. */
function applyCredential(target: SshTarget, credential: Credential | false | null): SshTarget {
  if (credential === false) return withoutCredential(target);
  return credential === null ? target : withCredential(target, credential);
}

/** Applies `options` to the entry and returns the result. Throws INVALID_INPUT or KEY_UNREADABLE. */
export async function readEditedAppliance(
  entry: ApplianceEntry,
  options: EditOptions,
  credential: Credential | null = null,
): Promise<ApplianceInput> {
  const { rename, address, identity, jump, tag, ...others } = options;
  const { hostKey: ____, jumpHostKey: _____, credential: named, ...changes } = others;
  const { id: _, createdAt: __, locked: ___, ...before } = entry;
  const authentication = readAuthentication(entry, identity);
  const target = address === undefined ? entry.target : parseTarget(address, authentication);
  const input = applianceInputSchema.safeParse({
    ...before,
    ...changes,
    name: rename ?? entry.name,
    target: applyCredential({ ...target, authentication }, named === false ? false : credential),
    jumps: readList(jump, entry.jumps, (text) => parseTarget(text, authentication)),
    tags: readList(tag, entry.tags, (text) => text),
  });
  const problem = joinErrors(describeIssues(input.error?.issues ?? []));
  if (problem !== null) throw problem;
  if (identity !== undefined) await assertHasKey(identity);
  return applianceInputSchema.parse(input.data);
}

/** Reads the keys to pin. `jumps` are the jump hosts after the edit. Throws INVALID_INPUT. */
export function readEditedHostKeys(
  { hostKey, jumpHostKey = [] }: Pick<EditOptions, 'hostKey' | 'jumpHostKey'>,
  { jumps }: Pick<ApplianceInput, 'jumps'>,
) {
  if (jumpHostKey.length > jumps.length)
    throw new AppError('INVALID_INPUT', 'There are more --jump-host-key options than jump hosts.');
  return {
    hostKey: hostKey === undefined ? null : readHostKey('--host-key', hostKey),
    jumpHostKeys: jumpHostKey.map((text) => readHostKey('--jump-host-key', text)),
  };
}
