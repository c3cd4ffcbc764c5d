import type { AppError } from '../../src-shared/errors.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import type { Links } from '../links/links.ts';

const connectTimeoutMs = 20 * secondMs;

/**
 * Waits for the links, then for the answers; never rejects because an appliance failed. Resolves with why commands
 * failed, by appliance; a link that is not up is no failed command.
 */
export async function refreshAppliances(
  options: {
    links: Pick<Links, 'hold' | 'settled'>;
    /** Resolves with why a command failed. */
    ask: (applianceId: string) => Promise<AppError | null>;
  },
  ids: readonly string[],
): Promise<Map<string, AppError>> {
  const { links, ask } = options;
  const release = links.hold(ids);
  const failures = new Map<string, AppError>();
  try {
    await Promise.all(
      ids.map(async (id) => {
        const { state } = await links.settled(id, connectTimeoutMs);
        const failure = state === 'connected' ? await ask(id) : null;
        if (failure !== null) failures.set(id, failure);
      }),
    );
    return failures;
  } finally {
    release();
  }
}
