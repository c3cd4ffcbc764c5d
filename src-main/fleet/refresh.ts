import { createSlots } from '../../src-shared/base/slots.ts';
import { AppError } from '../../src-shared/errors.ts';
import { idleReasons, type LinkState } from '../../src-shared/model/appliance/link.ts';
import type { Links } from '../links/links.ts';
import { connectTimeoutMs } from '../links/withLink.ts';

/**
 * How many appliances are connected and asked at once **[ours]**. Without a limit, the answers of the first delay the
 * handshakes of the last until these time out.
 */
export const maxRefreshedAtOnce = 32;

/** An appliance that connects on demand and did not come up. The states of other links tell what is wrong. */
const unreadyError = (state: LinkState): AppError | null =>
  state.state === 'idle' && state.reason !== undefined
    ? new AppError('LINK_NOT_READY', `It is not connected: ${idleReasons[state.reason].text}.`)
    : null;

/**
 * Waits for the links, then polls the appliances, `maxRefreshedAtOnce` at a time. Resolves with the errors of failed
 * commands, by appliance; an appliance whose link is down has no error. Never rejects because of an appliance.
 */
export async function refreshAppliances(
  options: {
    links: Pick<Links, 'hold' | 'waitUntilSettled' | 'isForFleet'>;
    /** Polls an appliance. Resolves with the error of a failed command, or null. */
    ask: (applianceId: string) => Promise<AppError | null>;
    /** Called when an appliance has answered or failed. */
    onDone?: ((applianceId: string) => void) | undefined;
  },
  ids: readonly string[],
): Promise<Map<string, AppError>> {
  const { links, ask } = options;
  const slots = createSlots(maxRefreshedAtOnce);
  const releases: (() => void)[] = [];
  const failures = new Map<string, AppError>();
  async function refresh(id: string): Promise<void> {
    const free = await slots.acquire();
    const release = links.hold([id]);
    try {
      const state = await links.waitUntilSettled(id, connectTimeoutMs);
      const failure = state.state === 'connected' ? await ask(id) : unreadyError(state);
      if (failure !== null) failures.set(id, failure);
    } finally {
      // Hold the link until all are done, because the caller then reads its state; but not one that others may wait for.
      if (links.isForFleet(id)) releases.push(release);
      else release();
      free();
      options.onDone?.(id);
    }
  }
  try {
    await Promise.all(ids.map(refresh));
    return failures;
  } finally {
    for (const release of releases) release();
  }
}
