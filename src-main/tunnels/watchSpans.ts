import { staleAfterMs } from '../../src-shared/model/tunnels/observedLayers.ts';
import type { Store } from '../store/store.ts';

/**
 * Stores in the data folder when which console watched which appliance. Every method throws STORE_FAILED if
 * the database fails.
 */
export function createWatchSpans({ store }: { store: Store }) {
  const { query } = store;
  return {
    /** Adds or extends a span in which this console watched an appliance. */
    save: (span: { id: string; applianceId: string; fromMs: number; toMs: number }): void => {
      store.run(
        query
          .insertInto('watchSpan')
          .values(span)
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ toMs: span.toMs })),
      );
    },
    /** When a console last had an answer of this appliance. Null if there was none. */
    lastAnswerAt: (applianceId: string): number | null =>
      store.first(
        query
          .selectFrom('watchSpan')
          .select((expression) => expression.fn.max<number | null>('toMs').as('toMs'))
          .where('applianceId', '=', applianceId),
      )?.toMs ?? null,
    /**
     * The spans in a period, oldest first. If the next answer is not overdue yet, the last span extends to
     * the end of the period.
     */
    listWithin: (applianceId: string, { fromMs, toMs }: { fromMs: number; toMs: number }) => {
      const spans = store.all(
        query
          .selectFrom('watchSpan')
          .select(['fromMs', 'toMs'])
          .where('applianceId', '=', applianceId)
          .where('toMs', '>=', fromMs)
          .orderBy('toMs'),
      );
      const last = spans.at(-1);
      if (last !== undefined && toMs - last.toMs <= staleAfterMs) last.toMs = toMs;
      return spans;
    },
  };
}
