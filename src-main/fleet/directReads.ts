import type { AppError } from '../../src-shared/errors.ts';
import type { Driver } from '../driver/driver.ts';
import type { Answers } from './answers.ts';
import type { PollRounds } from './pollRounds.ts';
import { readSnapshot } from './snapshot.ts';

/** Asks appliances now, because a page or command needs the answer, and stores it as a poll does. */
export function createDirectReads(options: {
  answers: Answers;
  rounds: PollRounds;
  driverOf: (applianceId: string) => Driver;
  steadyClock: () => number;
}) {
  const { answers, rounds, driverOf, steadyClock } = options;
  return {
    /** Like `ask`, but with one command instead of three if the appliance can say all at once (`snapshot.ts`). */
    askAtOnce: async (applianceId: string): Promise<AppError | null> => {
      const isLate = answers.isOutdated(applianceId);
      const found = await readSnapshot(driverOf(applianceId), steadyClock);
      if (found === null) return rounds.start(applianceId, true);
      if (!isLate()) answers.storeSaid(applianceId, found.watched, found.heldMs);
      return null;
    },
    /**
     * Polls now, including the licence. Resolves when all commands have ended, with the error of the first
     * failed command or null.
     */
    ask: async (applianceId: string): Promise<AppError | null> => {
      await rounds.running(applianceId);
      return rounds.start(applianceId, true);
    },
    /**
     * Asks for the licence, and for the status, whose clock tells whether the licence's times can be trusted. Stores the
     * answers as a poll does. Resolves with the error of the first failed command or null.
     */
    askForLicence: async (applianceId: string): Promise<AppError | null> => {
      const driver = driverOf(applianceId);
      const failures = await Promise.all([
        answers.storeAnswerOrGetError(applianceId, 'licence', driver.licence()),
        answers.storeAnswerOrGetError(applianceId, 'status', driver.status()),
      ]);
      return failures.find((failure) => failure !== null) ?? null;
    },
    /** Asks only for the tenants, and stores the answer as a poll does. Rejects like the driver. */
    readTenants: async (applianceId: string) => {
      const answer = driverOf(applianceId).remoteNetworks();
      const { value, observedAt } = await answers.storeAnswer({
        applianceId,
        kind: 'remoteNetworks',
        answer,
      });
      return { networks: value, observedAt };
    },
  };
}
