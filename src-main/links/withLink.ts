import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import { linkError } from '../ssh/session/linkError.ts';
import type { Links } from './links.ts';

const connectTimeoutMs = 20 * secondMs;

/** Keeps the link up while `work` runs. Rejects with the reason if the link is not up within 20 s. */
export async function withLink<Result>(
  links: Pick<Links, 'hold' | 'waitUntilSettled'>,
  entry: ApplianceEntry,
  work: () => Promise<Result>,
): Promise<Result> {
  const release = links.hold([entry.id]);
  try {
    const state = await links.waitUntilSettled(entry.id, connectTimeoutMs);
    if (state.state === 'idle')
      throw new AppError('LINK_NOT_READY', `${entry.name} is disconnected; connect it first.`);
    const error = linkError(entry, state);
    if (error !== null) throw error;
    return await work();
  } finally {
    release();
  }
}
