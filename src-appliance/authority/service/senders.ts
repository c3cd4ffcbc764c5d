import { AppError } from '../../../src-shared/errors.ts';

/** So many appliances may send a large body at once, because it is held in memory **[ours]**. */
export const maxSenders = 8;

/** Lets each appliance send one large body at a time. */
export function createSenders() {
  const sending = new Set<string>();
  return {
    /** Returns what ends the sending. Throws TOO_MANY_REQUESTS. */
    start: (applianceId: string): (() => void) => {
      if (sending.has(applianceId))
        throw new AppError(
          'TOO_MANY_REQUESTS',
          'The authority is still receiving a report of this appliance.',
        );
      if (sending.size >= maxSenders)
        throw new AppError(
          'TOO_MANY_REQUESTS',
          'The authority is still receiving reports of other appliances.',
        );
      sending.add(applianceId);
      return () => sending.delete(applianceId);
    },
  };
}
