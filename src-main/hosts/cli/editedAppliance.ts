import { AppError, joinErrors } from '../../../src-shared/errors.ts';
import {
  applianceInputSchema,
  type ApplianceEntry,
  type ApplianceInput,
} from '../../../src-shared/model/appliance/applianceEntry.ts';
import { describeIssues, readHostKey } from './newAppliance.ts';
import { assertHasKey, authenticationWith, parseTarget } from './target.ts';

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
};

function readList<Item>(
  values: string[] | boolean | undefined,
  before: Item[],
  read: (text: string) => Item,
): Item[] {
  if (values === false) return [];
  return Array.isArray(values) ? values.map(read) : before;
}

/** Applies `options` to the entry and returns the result. Throws INVALID_INPUT or KEY_UNREADABLE. */
export async function readEditedAppliance(
  entry: ApplianceEntry,
  options: EditOptions,
): Promise<ApplianceInput> {
  const { rename, address, identity, jump, tag, hostKey: ____, jumpHostKey: _____, ...changes } = options;
  const { id: _, createdAt: __, locked: ___, ...before } = entry;
  const authentication = identity === undefined ? entry.target.authentication : authenticationWith(identity);
  const target = address === undefined ? entry.target : parseTarget(address, authentication);
  const input = applianceInputSchema.safeParse({
    ...before,
    ...changes,
    name: rename ?? entry.name,
    target: { ...target, authentication },
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
