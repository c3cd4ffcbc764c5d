import { sql } from 'kysely';
import type { Store } from '../store/store.ts';
import { placeKey } from './tunnelRef.ts';
import { dayMs, hourMs } from '../../src-shared/base/time.ts';

/**
 * Latencies are kept by quarter of an hour for this long. Older ones are kept by hour, as median and maximum.
 */
const quartersKeptMs = 48 * hourMs;
/**
 * Maximum number of hours that one call summarizes, because there may be days to summarize after a pause.
 */
const maxSummarizedHours = 6;

type Quarter = { quarterMs: number; slowestMs: number };

/** Returns the hour, the median and the maximum of its quarters, all in ms. */
function summarizeHour(quarters: readonly Quarter[]): [hour: number, medianMs: number, slowestMs: number] {
  const hour = Math.floor((quarters[0]?.quarterMs ?? 0) / hourMs) * hourMs;
  const sorted = quarters.map(({ slowestMs }) => slowestMs).sort((left, right) => left - right);
  return [hour, sorted[Math.floor((sorted.length - 1) / 2)] ?? 0, sorted.at(-1) ?? 0];
}

/** Quarters before this time are summarized. Null if there are none. */
function findSummaryEnd(store: Store, nowMs: number): number | null {
  const oldest = store.first(
    store.query.selectFrom('tunnelLatency').select((build) => build.fn.min('quarterMs').as('quarterMs')),
  )?.quarterMs;
  if (oldest === null || oldest === undefined) return null;
  const oldestHour = Math.floor(oldest / hourMs) * hourMs;
  const summarizableMs = Math.floor((nowMs - quartersKeptMs) / hourMs) * hourMs;
  return Math.min(summarizableMs, oldestHour + maxSummarizedHours * hourMs);
}

/**
 * Summarizes the oldest quarters by hour, and moves them to the rows of their days. Call this within a
 * transaction. Throws STORE_FAILED.
 */
export function summarizeLatencies(store: Store, nowMs: number): void {
  const { query } = store;
  const endMs = findSummaryEnd(store, nowMs);
  if (endMs === null) return;
  const quarters = store.all(
    query
      .selectFrom('tunnelLatency')
      .selectAll()
      .where('quarterMs', '<', endMs)
      .orderBy('applianceId')
      .orderBy('clientId')
      .orderBy('port')
      .orderBy('quarterMs'),
  );
  const hours = Map.groupBy(
    quarters,
    (row) => `${row.applianceId} ${placeKey(row)} ${Math.floor(row.quarterMs / hourMs)}`,
  );
  for (const ofHour of hours.values()) {
    const [first] = ofHour;
    if (first === undefined) continue;
    const { applianceId, clientId, port } = first;
    const summary = summarizeHour(ofHour);
    store.run(
      query
        .insertInto('tunnelLatencyDay')
        .values({
          applianceId,
          clientId,
          port,
          dayMs: Math.floor(summary[0] / dayMs) * dayMs,
          hoursJson: JSON.stringify([summary]),
        })
        .onConflict((conflict) =>
          conflict.columns(['applianceId', 'clientId', 'port', 'dayMs']).doUpdateSet({
            hoursJson: sql`json_insert(hours_json, '$[#]', json_extract(excluded.hours_json, '$[0]'))`,
          }),
        ),
    );
  }
  store.run(query.deleteFrom('tunnelLatency').where('quarterMs', '<', endMs));
}
