import { sql } from 'kysely';
import { z } from 'zod';
import type { TunnelHistory } from '../../src-shared/contract/ports.ts';
import type { Store } from '../store/store.ts';
import { summarizeLatencies } from './summarizeLatencies.ts';
import { placeKey, type TunnelRef } from './tunnelRef.ts';
import { dayMs, hourMs, minuteMs } from '../../src-shared/base/time.ts';

const quarterMs = 15 * minuteMs;
/** SQLite allows 32,766 values per statement, and a row has five. */
const rowsAtOnce = 2_000;

/** Each item: the hour in epoch ms, and the median and the maximum of its quarters in ms. */
const hoursSchema = z.array(z.tuple([z.number(), z.number(), z.number()]));

/**
 * Stores in the data folder how long services took to answer. Every method throws STORE_FAILED if the
 * database fails.
 */
export function createLatencyHistory({ store }: { store: Store }) {
  const { query } = store;

  return {
    record: (
      applianceId: string,
      measured: readonly { clientId: string; port: number; atMs: number; milliseconds: number }[],
    ): void => {
      // Merge results of the same row first, because one statement can't change a row twice.
      const slowest = new Map<
        string,
        { applianceId: string; clientId: string; port: number; quarterMs: number; slowestMs: number }
      >();
      for (const { clientId, port, atMs, milliseconds } of measured) {
        const quarter = Math.floor(atMs / quarterMs) * quarterMs;
        const key = `${placeKey({ clientId, port })} ${quarter}`;
        const slowestMs = Math.max(slowest.get(key)?.slowestMs ?? 0, Math.round(milliseconds));
        slowest.set(key, { applianceId, clientId, port, quarterMs: quarter, slowestMs });
      }
      const rows = [...slowest.values()];
      store.write(() => {
        for (let at = 0; at < rows.length; at += rowsAtOnce)
          store.run(
            query
              .insertInto('tunnelLatency')
              .values(rows.slice(at, at + rowsAtOnce))
              .onConflict((conflict) =>
                conflict
                  .columns(['applianceId', 'clientId', 'port', 'quarterMs'])
                  .doUpdateSet({ slowestMs: sql`max(slowest_ms, excluded.slowest_ms)` }),
              ),
          );
      });
    },

    /**
     * Latencies, oldest first: for the last two days one value per quarter of an hour, before that one per
     * hour.
     */
    of: ({ applianceId, clientId, port }: TunnelRef, fromMs: number): TunnelHistory['latency'] => {
      const ofPlace = { applianceId, clientId, port };
      const days = store.all(
        query
          .selectFrom('tunnelLatencyDay')
          .select('hoursJson')
          .where((expression) => expression.and(ofPlace))
          .where('dayMs', '>', fromMs - dayMs)
          .orderBy('dayMs'),
      );
      const quarters = store.all(
        query
          .selectFrom('tunnelLatency')
          .select(['quarterMs', 'slowestMs'])
          .where((expression) => expression.and(ofPlace))
          .where('quarterMs', '>=', fromMs - quarterMs)
          .orderBy('quarterMs'),
      );
      return [
        ...days
          .flatMap((row) => hoursSchema.parse(JSON.parse(row.hoursJson)))
          .filter(([hour]) => hour > fromMs - hourMs)
          .sort(([left], [right]) => left - right)
          .map(([hour, medianMs, milliseconds]) => ({
            at: new Date(hour).toISOString(),
            milliseconds,
            medianMs,
          })),
        ...quarters.map(({ quarterMs: at, slowestMs }) => ({
          at: new Date(at).toISOString(),
          milliseconds: slowestMs,
        })),
      ];
    },

    /**
     * Summarizes data that is older than two days by hour, and deletes data before `beforeMs`. Call this
     * within a transaction.
     */
    prune: (nowMs: number, beforeMs: number): void => {
      store.run(query.deleteFrom('tunnelLatencyDay').where('dayMs', '<', beforeMs - dayMs));
      store.run(query.deleteFrom('tunnelLatency').where('quarterMs', '<', beforeMs));
      summarizeLatencies(store, nowMs);
    },
  };
}
