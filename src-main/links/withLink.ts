import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import { linkError } from '../ssh/session/linkError.ts';
import type { Links } from './links.ts';

type UsedLinks = Pick<Links, 'hold' | 'waitUntilSettled'>;

/** How long a command waits for a link: a little longer than a hop may take. */
export const connectTimeoutMs = 50 * secondMs;

/** Keeps the link up while `work` runs. `work` gets the reason if the link is not up in time. */
export async function withLinkOrReason<Result>(
  links: UsedLinks,
  entry: Pick<ApplianceEntry, 'id' | 'name'>,
  work: (error: AppError | null) => Promise<Result>,
): Promise<Result> {
  const release = links.hold([entry.id]);
  try {
    const state = await links.waitUntilSettled(entry.id, connectTimeoutMs);
    return await work(
      state.state === 'idle'
        ? new AppError(
            'LINK_NOT_READY',
            state.reason === 'queued'
              ? `${entry.name} waits for a free link: this console has as many links as its settings allow.`
              : `${entry.name} is disconnected; connect it first.`,
          )
        : linkError(entry, state),
    );
  } finally {
    release();
  }
}

/** Keeps the link up while `work` runs. Rejects with the reason if the link is not up in time. */
export function withLink<Result>(
  links: UsedLinks,
  entry: ApplianceEntry,
  work: () => Promise<Result>,
): Promise<Result> {
  return withLinkOrReason(links, entry, (error) => {
    if (error !== null) throw error;
    return work();
  });
}
