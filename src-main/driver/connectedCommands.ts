import type { ConfigurationOutput } from '../../src-shared/model/configuration/configurationCommands.ts';
import type { AuthorityOutput } from '../../src-shared/model/licence/licenceCommands.ts';
import type { Session } from '../ssh/types.ts';
import { createAsk } from './askCommand.ts';
import { isRefusal } from './configurationCommands.ts';

type FetchInput = {
  via: number;
  isDryRun: boolean;
  /** The ids of the losses that the operator accepted. */
  acknowledged: readonly string[];
};

/** The commands of a renewal through a port that the console lends **[ours]**. */
export const connectedCommands = {
  authority: ['ke_manage_license_key', 'authority', '--json'],
  /** With a loss that is not acknowledged, the appliance only checks the licence. */
  fetch: ({ via, isDryRun, acknowledged }: FetchInput) => [
    'ke_update_configuration',
    '--via',
    `${via}`,
    ...(isDryRun ? ['--dry-run'] : ['--accept-losses', acknowledged.join(',') || 'none']),
    '--json',
  ],
} as const;

/** Each method runs its command once, without retries. */
export type ConnectedDriver = {
  /** The authority that the appliance uses. Rejects with INVALID_INPUT if its settings name none. */
  authority: () => Promise<AuthorityOutput>;
  /**
   * Fetches licence and configuration, and installs them or only checks them: `acceptable`. Also resolves if they are refused.
   * Rejects with AUTHORITY_UNTRUSTED for another certificate.
   */
  fetch: (input: FetchInput & { timeoutMs: number }) => Promise<ConfigurationOutput>;
};

export function createConnectedDriver(parts: { run: Session['run']; privileged: boolean }): ConnectedDriver {
  const { ask } = createAsk(parts);
  return {
    authority: () => ask(connectedCommands.authority, { kind: 'licenceAuthority' }),
    fetch: ({ timeoutMs, ...input }) =>
      ask(connectedCommands.fetch(input), { kind: 'configurationChange', timeoutMs, isAnswer: isRefusal }),
  };
}
