import type { AppError } from '../../src-shared/errors.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import type { Links } from '../links/links.ts';

const connectTimeoutMs = 20 * secondMs;

/**
 * Waits for the links, then polls the appliances. Resolves with the errors of failed commands, by appliance;
 * an appliance whose link is down has no error. Never rejects because of an appliance.
 */
export async function refreshAppliances(
  options: {
    links: Pick<Links, 'hold' | 'waitUntilSettled'>;
    /** Polls an appliance. Resolves with the error of a failed command, or null. */
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
        const { state } = await links.waitUntilSettled(id, connectTimeoutMs);
        const failure = state === 'connected' ? await ask(id) : null;
        if (failure !== null) failures.set(id, failure);
      }),
    );
    return failures;
  } finally {
    release();
  }
}
