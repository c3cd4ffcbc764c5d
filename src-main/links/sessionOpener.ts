import type { Log } from '../base/log.ts';
import { createAnswerReader } from '../driver/answerReader.ts';
import { createDriver } from '../driver/driver.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { createHandshakes } from '../ssh/session/handshakes.ts';
import { createSession } from '../ssh/session/session.ts';
import type { AskSecret, SshTransport, StoredSecrets } from '../ssh/types.ts';
import { createPinVerifier } from './hops.ts';
import type { KnownHosts } from './knownHosts.ts';
import type { OpenSession } from './openLinks.ts';
import type { Prompts } from './prompts.ts';

/** Creates the session and the driver of an appliance from its entry and its pinned host keys. */
export function createSessionOpener(options: {
  inventory: Inventory;
  knownHosts: KnownHosts;
  transport: SshTransport;
  prompts: Pick<Prompts, 'ask'>;
  /** Requests secrets from the user. If undefined, they are requested by prompts of the page. */
  askSecret: AskSecret | undefined;
  /** The secrets of the credentials that an entry refers to. */
  storedSecrets: (entry: ApplianceEntry) => StoredSecrets;
  log: Log;
}): { open: OpenSession; close: () => void } {
  const { inventory, transport, prompts } = options;
  const handshakes = createHandshakes();
  const verifyHostKey = createPinVerifier(inventory, options.knownHosts);
  const answerReader = createAnswerReader({
    onFailed: (thrown) => options.log.error({ err: thrown }, 'could not read large answers'),
  });
  return {
    open: (entry) => {
      const session = createSession({
        target: entry.target,
        jumps: entry.jumps,
        sudo: entry.sudo,
        legacyAlgorithms: entry.legacyAlgorithms,
        transport,
        verifyHostKey,
        pinnedTypes: (hop) => {
          const type = inventory.pinned(hop)?.type ?? '';
          return type === '' ? [] : [type];
        },
        askSecret: options.askSecret ?? ((question) => prompts.ask(entry.id, question)),
        stored: options.storedSecrets(entry),
        handshakes,
      });
      const driver = createDriver(session, {
        sudo: entry.sudo,
        read: (kind, output) => answerReader.read({ owner: entry.id, kind, output }),
      });
      return { session, driver };
    },
    close: answerReader.close,
  };
}
