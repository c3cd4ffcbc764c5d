import { AppError, toErrorData } from '../../../../../src-shared/errors.ts';
import type { Services } from '../../../../services.ts';
import type { AnswerResult } from './answerResult.ts';
import { finishSent, sequenceOf, type RenewalRequest } from './renewLicence.ts';

/** Returns null instead of an error that was thrown on purpose, e.g. a lost link. */
async function unlessFailed<Result>(work: Promise<Result>): Promise<Result | null> {
  try {
    return await work;
  } catch (thrown) {
    if (thrown instanceof AppError) return null;
    throw thrown;
  }
}

/**
 * Asks appliances, after the others are done, which licence they have, if that was not seen yet. One whose link was lost
 * while its answer was applied is asked what became of it.
 */
export function createLateLook(services: Services) {
  const connected = new Set<string>();
  const stopFollowing = services.links.onChange((entryId, { state }) => {
    if (state === 'connected') connected.add(entryId);
  });
  /** An appliance that could not be reached in this command is not waited for again. */
  const isWorthAsking = (entryId: string) =>
    connected.has(entryId) || services.links.state(entryId).state === 'idle';

  const isSent = async (tripId: string) => (await services.licences.trip(tripId)).trip.applying !== null;

  async function settle(result: AnswerResult, request: RenewalRequest): Promise<AnswerResult> {
    try {
      const renewal = await finishSent(services, request);
      if (renewal !== null)
        return {
          ...result,
          outcome: renewal.outcome,
          licence: 'answer',
          sequence: sequenceOf(renewal),
          error: null,
        };
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
      // Without a result, the error that says when the answer was sent tells more than a failed attempt to connect.
      return (await isSent(request.tripId)) ? result : { ...result, error: toErrorData(thrown) };
    }
    const { failure } = (await services.licences.trip(request.tripId)).trip;
    return failure === null
      ? result
      : { ...result, error: toErrorData(new AppError(failure.code, failure.message)) };
  }

  return {
    look: async (
      result: AnswerResult,
      answer: { entryId: string; tripId: string } | null,
      request: () => RenewalRequest,
    ): Promise<AnswerResult> => {
      if (answer === null || result.licence !== 'not-seen') return result;
      const { entryId, tripId } = answer;
      const canAsk = isWorthAsking(entryId);
      const settled = canAsk && (await isSent(tripId)) ? await settle(result, request()) : result;
      if (settled.licence === 'answer') return settled;
      const outcome = settled.outcome === 'failed' && (await isSent(tripId)) ? 'unknown' : settled.outcome;
      const looked = canAsk
        ? await unlessFailed(services.licences.look({ tripId, text: request().text }))
        : null;
      if (looked === null) return { ...settled, outcome };
      return { ...settled, outcome, licence: looked.seen, sequence: looked.licence.sequence };
    },
    close: stopFollowing,
  };
}
