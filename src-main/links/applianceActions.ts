import { AppError } from '../../src-shared/errors.ts';
import {
  applianceFieldNames,
  applianceInputSchema,
  changedFields,
  mergeFields,
  type ApplianceEntry,
  type ApplianceField,
  type ApplianceInput,
} from '../../src-shared/model/appliance/applianceEntry.ts';
import type { ConnectMode } from '../../src-shared/model/appliance/connectModeNames.ts';
import { sshCommandOf } from '../../src-shared/model/appliance/sshCommand.ts';
import type { HostKey } from '../../src-shared/model/appliance/hostKey.ts';
import type { Audit } from '../audit/audit.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Pin } from '../inventory/pins.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';
import type { SshTransport } from '../ssh/types.ts';
import { auditTarget, createHostKeyActions } from './hostKeyActions.ts';
import type { KnownHosts } from './knownHosts.ts';
import type { Links } from './links.ts';
import { createPromptActions } from './promptActions.ts';
import type { Prompts } from './prompts.ts';

/** Opens a terminal with ssh to an appliance. Rejects with INVALID_INPUT or TERMINAL_FAILED. */
export type OpenTerminal = (entry: Pick<ApplianceEntry, 'target' | 'jumps'>) => Promise<void>;

type HostKeys = {
  hostKey: HostKey | null;
  /** In the order of the jump hosts. */
  jumpHostKeys: readonly (HostKey | null)[];
};

function pinsOf(
  { target, jumps }: Pick<ApplianceInput, 'target' | 'jumps'>,
  { hostKey, jumpHostKeys }: HostKeys,
): Pin[] {
  return [
    ...jumps.map((jump, index) => ({ hop: jump, key: jumpHostKeys[index] ?? null })),
    { hop: target, key: hostKey },
  ].flatMap(({ hop: { host, port }, key }) => (key === null ? [] : [{ host, port, key }]));
}

const describePins = (pins: readonly Pin[]) =>
  pins.map((pin) => `${pin.host}:${pin.port} ${pin.key.fingerprint}`).join(', ');

/** What an operator can do with entries and their links. Each action is recorded in the audit trail. */
export function createApplianceActions(options: {
  inventory: Inventory;
  links: Links;
  audit: Audit;
  prompts: Prompts;
  transport: SshTransport;
  knownHosts: KnownHosts;
  /** Null on a host that can't open a terminal. */
  openTerminal: OpenTerminal | null;
}) {
  const { inventory, links, audit, openTerminal } = options;

  return {
    ...createHostKeyActions(options),
    ...createPromptActions(options),
    /**
     * Adds an entry and pins `hostKey` for its target. `jumpHostKeys` are in the order of the jump hosts.
     */
    add: async (
      request: ApplianceInput,
      hostKey: HostKey | null,
      jumpHostKeys: readonly (HostKey | null)[] = [],
    ): Promise<ApplianceEntry> => {
      const input = applianceInputSchema.parse(request);
      const pins = pinsOf(input, { hostKey, jumpHostKeys });
      const detail = describePins(pins);
      const action = {
        event: 'appliance.add',
        object: input.name,
        destination: hopNameOf(input.target),
        detail: detail === '' ? 'no host key pinned' : `host key ${detail}`,
      } as const;
      return audit.act(action, () => inventory.add(input, pins));
    },
    /**
     * Changes `fields` only, and pins the keys of hosts that have no pinned key. Rejects with
     * HOST_KEY_CHANGED if another key is already pinned.
     */
    edit: async (
      id: string,
      input: ApplianceInput,
      {
        fields = applianceFieldNames,
        hostKeys = { hostKey: null, jumpHostKeys: [] },
      }: { fields?: readonly ApplianceField[] | undefined; hostKeys?: HostKeys } = {},
    ): Promise<ApplianceEntry> => {
      const before = inventory.get(id);
      const after = mergeFields(before, input, fields);
      const changed = changedFields(before, after);
      const pins = pinsOf(after, hostKeys);
      const parts = [
        ...(changed.length === 0 ? [] : [`changed: ${changed.join(', ')}`]),
        ...(pins.length === 0 ? [] : [`host key ${describePins(pins)}`]),
      ];
      const onlyPins = changed.length === 0 && pins.length > 0;
      return audit.act(
        {
          event: onlyPins ? 'hostKey.accept' : 'appliance.edit',
          object: before.name,
          destination: hopNameOf(after.target),
          detail: parts.join('; ') || 'nothing changed',
        },
        () => inventory.edit(id, input, { fields, newPins: pins }),
      );
    },
    /** Sets when the console connects to these appliances. One action, and no entry changes if one of them is gone. */
    setConnect: async (ids: readonly string[], connect: ConnectMode): Promise<void> => {
      const names = ids.map((id) => inventory.get(id).name);
      await audit.act(
        {
          event: 'appliance.edit',
          object: names.length === 1 ? (names[0] ?? '') : `${names.length} appliances`,
          detail: `connect: ${connect}, of ${names.join(', ')}`,
        },
        () => inventory.setConnect(ids, connect),
      );
    },
    setLock: async (id: string, locked: boolean): Promise<ApplianceEntry> => {
      const event = locked ? 'appliance.lock' : 'appliance.unlock';
      return audit.act({ ...auditTarget(inventory.get(id)), event }, () => inventory.setLock(id, locked));
    },
    /**
     * Rejects with INVALID_INPUT unless `name` is the name of the appliance, which the user has typed to
     * confirm.
     */
    remove: async (id: string, name: string): Promise<void> => {
      const entry = inventory.get(id);
      if (entry.name !== name)
        throw new AppError('INVALID_INPUT', `To remove ${entry.name}, enter its exact name.`);
      await audit.act({ ...auditTarget(entry), event: 'appliance.remove' }, () => inventory.remove(id));
    },
    connect: async (id: string) => {
      const entry = inventory.get(id);
      await audit.act({ ...auditTarget(entry), event: 'link.connect' }, () => links.connect(id));
    },
    disconnect: async (id: string) => {
      const entry = inventory.get(id);
      await audit.act({ ...auditTarget(entry), event: 'link.disconnect' }, () => links.disconnect(id));
    },
    /**
     * Rejects with TERMINAL_UNAVAILABLE, INVALID_INPUT or TERMINAL_FAILED. Also works for a locked appliance,
     * because the lock only prevents changes by the console.
     */
    openTerminal: async (id: string) => {
      const entry = inventory.get(id);
      if (openTerminal === null)
        throw new AppError('TERMINAL_UNAVAILABLE', 'This console can’t open a terminal on its computer.');
      await audit.act({ ...auditTarget(entry), event: 'terminal.open', command: sshCommandOf(entry) }, () =>
        openTerminal(entry),
      );
    },
    explain: (id: string) => {
      const { entry, session } = links.of(id);
      return {
        link: session.state(),
        hostKeys: inventory.pinnedOf(entry),
        steps: [...session.steps()],
      };
    },
  };
}
