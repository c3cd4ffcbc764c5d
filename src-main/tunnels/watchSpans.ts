import { staleAfterMs } from '../../src-shared/model/tunnels/observedLayers.ts';
import type { Store } from '../store/store.ts';

/** When a console watched which appliance, in the data folder. Methods throw STORE_FAILED. */
export function createWatchSpans({ store }: { store: Store }) {
  const { query } = store;
  return {
    /** Stores a console's watch over an appliance, or extends it. */
    save: (span: { id: string; applianceId: string; fromMs: number; toMs: number }): void => {
      store.run(
        query
          .insertInto('watchSpan')
          .values(span)
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ toMs: span.toMs })),
      );
    },
    /** Oldest first. The last span is extended to the end of the period while the next answer is not overdue. */
    within: (applianceId: string, { fromMs, toMs }: { fromMs: number; toMs: number }) => {
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
