import { hostKeyDetailSchema } from '../../src-shared/errorFacts.ts';
import { AppError } from '../../src-shared/errors.ts';
import {
  applianceInputSchema,
  type ApplianceEntry,
  type ApplianceInput,
  type PinnedHostKey,
  type SshTarget,
  applianceFieldNames,
} from '../../src-shared/model/appliance/applianceEntry.ts';
import type { HostKey } from '../../src-shared/model/appliance/hostKey.ts';
import type { AuthenticationStep, LinkState } from '../../src-shared/model/appliance/link.ts';
import type { Audit } from '../audit/audit.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { hopNameOf } from '../ssh/transport/hopName.ts';
import type { SshTransport } from '../ssh/types.ts';
import { hopsOf, pinnedKeysOnly } from './hops.ts';
import type { Links } from './links.ts';
import type { Prompts } from './prompts.ts';

const scanTimeoutMs = 20_000;

/** What a person does to the inventory and its links; each action is in the audit trail. */
export type ApplianceActions = {
  /** Pins `hostKey` for the target, and each of `jumpHostKeys` for the jump host of the same place. */
  add: (
    input: ApplianceInput,
    hostKey: HostKey | null,
    jumpHostKeys?: readonly (HostKey | null)[],
  ) => Promise<ApplianceEntry>;
  edit: (id: string, input: ApplianceInput) => Promise<ApplianceEntry>;
  /** Rejects with INVALID_INPUT unless `name` is the appliance's. */
  remove: (id: string, name: string) => Promise<void>;
  scanHostKey: (
    target: SshTarget,
    jumps: readonly SshTarget[],
    legacyAlgorithms?: boolean,
  ) => Promise<{ offered: HostKey; pinned: PinnedHostKey | null }>;
  connect: (id: string) => Promise<void>;
  disconnect: (id: string) => Promise<void>;
  acceptHostKey: (id: string, fingerprint: string) => Promise<void>;
  replaceHostKey: (change: { id: string; oldFingerprint: string; newFingerprint: string }) => Promise<void>;
  explain: (id: string) => { link: LinkState; hostKeys: PinnedHostKey[]; steps: AuthenticationStep[] };
  answerPrompt: (promptId: string, answers: string[]) => Promise<void>;
  dismissPrompt: (promptId: string) => Promise<void>;
};

function about(entry: ApplianceEntry) {
  return { object: entry.name, destination: hopNameOf(entry.target) };
}

export function createApplianceActions(options: {
  inventory: Inventory;
  links: Links;
  audit: Audit;
  prompts: Prompts;
  transport: SshTransport;
}): ApplianceActions {
  const { inventory, links, audit, prompts, transport } = options;

  async function acceptHostKey(id: string, fingerprint: string): Promise<void> {
    const entry = inventory.get(id);
    const state = links.state(id);
    const offered = state.state === 'waiting-host-key' ? state : null;
    const hop = hopsOf(entry).find((target) => hopNameOf(target) === offered?.hop);
    const action = { ...about(entry), event: 'hostKey.accept', detail: fingerprint } as const;
    await audit.act(action, () => {
      if (offered === null || hop === undefined)
        throw new AppError('NOT_FOUND', `${entry.name} does not wait for a host key.`);
      if (offered.offered.fingerprint !== fingerprint)
        throw new AppError('VERIFICATION_FAILED', 'The host key on offer is another one.', {
          detail: { offered: offered.offered.fingerprint, accepted: fingerprint },
        });
      inventory.pin(hop, offered.offered);
      links.connect(id);
    });
  }

  async function replaceHostKey(change: {
    id: string;
    oldFingerprint: string;
    newFingerprint: string;
  }): Promise<void> {
    const entry = inventory.get(change.id);
    const state = links.state(change.id);
    const stopped =
      state.state === 'stopped' && state.error.code === 'HOST_KEY_CHANGED'
        ? hostKeyDetailSchema.required().safeParse(state.error.detail).data
        : undefined;
    const action = {
      ...about(entry),
      event: 'hostKey.replace',
      detail: `${change.oldFingerprint} by ${change.newFingerprint}`,
    } as const;
    await audit.act(action, () => {
      if (stopped === undefined)
        throw new AppError('NOT_FOUND', `${entry.name} is not stopped by a changed host key.`);
      const pinned = inventory.pinned(stopped);
      if (pinned?.fingerprint !== change.oldFingerprint)
        throw new AppError('VERIFICATION_FAILED', 'The pinned host key is another one.');
      if (stopped.offered.fingerprint !== change.newFingerprint)
        throw new AppError('VERIFICATION_FAILED', 'The host key on offer is another one.');
      inventory.pin(stopped, stopped.offered);
      links.connect(change.id);
    });
  }

  async function scanHostKey(target: SshTarget, jumps: readonly SshTarget[], legacyAlgorithms = false) {
    const seen: HostKey[] = [];
    const verifyPinned = pinnedKeysOnly(inventory);
    const lastHop = hopNameOf(target);
    try {
      const connection = await transport.connect({
        target,
        jumps,
        verifyHostKey: async (hop, offered) => {
          if (hop.name !== lastHop) return verifyPinned(hop, offered);
          seen.push(offered);
          throw new AppError('CANCELLED', 'The host key is known; no log-in is wanted.');
        },
        askSecret: async () => null,
        onStep: () => {},
        legacyAlgorithms,
        signal: AbortSignal.timeout(scanTimeoutMs),
      });
      connection.close();
    } catch (thrown) {
      if (seen.length === 0) throw thrown;
    }
    const [offered] = seen;
    if (offered === undefined)
      throw new AppError('CONNECT_FAILED', `${lastHop} showed no host key.`, { detail: { hop: lastHop } });
    return { offered, pinned: inventory.pinned(target) };
  }

  return {
    add: async (given, hostKey, jumpHostKeys = []) => {
      const input = applianceInputSchema.parse(given);
      const pins = [
        ...input.jumps.map((jump, index) => ({ target: jump, key: jumpHostKeys[index] ?? null })),
        { target: input.target, key: hostKey },
      ].flatMap(({ target: { host, port }, key }) => (key === null ? [] : [{ host, port, key }]));
      const detail = pins.map((pin) => `${pin.host}:${pin.port} ${pin.key.fingerprint}`).join(', ');
      const action = {
        event: 'appliance.add',
        object: input.name,
        destination: hopNameOf(input.target),
        detail: detail === '' ? 'no host key pinned' : `host key ${detail}`,
      } as const;
      return audit.act(action, () => inventory.add(input, pins));
    },
    edit: (id, input) => {
      const before = inventory.get(id);
      const changed = applianceFieldNames.filter(
        (field) => JSON.stringify(before[field]) !== JSON.stringify(input[field]),
      );
      return audit.act(
        {
          event: 'appliance.edit',
          object: before.name,
          destination: hopNameOf(input.target),
          detail: changed.length === 0 ? 'nothing changed' : `changed: ${changed.join(', ')}`,
        },
        () => inventory.edit(id, input),
      );
    },
    remove: async (id, name) => {
      const entry = inventory.get(id);
      if (entry.name !== name)
        throw new AppError('INVALID_INPUT', `To remove ${entry.name}, its name must be given exactly.`);
      await audit.act({ ...about(entry), event: 'appliance.remove' }, () => inventory.remove(id));
    },
    scanHostKey,
    connect: async (id) => {
      const entry = inventory.get(id);
      await audit.act({ ...about(entry), event: 'link.connect' }, () => links.connect(id));
    },
    disconnect: async (id) => {
      const entry = inventory.get(id);
      await audit.act({ ...about(entry), event: 'link.disconnect' }, () => links.disconnect(id));
    },
    acceptHostKey,
    replaceHostKey,
    explain: (id) => {
      const { entry, session } = links.of(id);
      return {
        link: session.state(),
        hostKeys: inventory.pinnedOf(entry),
        steps: [...session.steps()],
      };
    },
    answerPrompt: async (promptId, answers) => {
      const prompt = prompts.list().find((one) => one.id === promptId);
      if (prompt === undefined) throw new AppError('NOT_FOUND', 'This question is not open any more.');
      // The kind and the hop, never the answer.
      await audit.act(
        {
          event: 'secret.answer',
          object: inventory.get(prompt.applianceId).name,
          destination: prompt.hop,
          detail: prompt.kind,
        },
        () => prompts.answer(promptId, answers),
      );
    },
    dismissPrompt: async (promptId) => {
      const prompt = prompts.list().find((one) => one.id === promptId);
      if (prompt === undefined) return;
      audit.event({
        event: 'secret.dismiss',
        object: inventory.get(prompt.applianceId).name,
        destination: prompt.hop,
        detail: prompt.kind,
      });
      prompts.dismiss(promptId);
    },
  };
}
