import { probeResultSchema, type ProbeResult } from '../../../src-shared/model/tunnels/probe.ts';
import type { Store } from '../../store/store.ts';

/** The last result of each port: in memory for reading, written together. */
export type ProbeResults = {
  of: (applianceId: string) => ReadonlyMap<number, ProbeResult>;
  put: (applianceId: string, results: readonly ProbeResult[]) => void;
  /** Also what is written. Throws STORE_FAILED. */
  forget: (applianceId: string) => void;
  /** Writes what waits. Throws STORE_FAILED; what was not written waits on. */
  flush: () => void;
};

/** Results that an older Sallyport wrote and this one can't read are forgotten: the tunnel is tested anew anyway. */
export function createProbeResults(store: Store): ProbeResults {
  const { query } = store;
  const known = new Map<string, Map<number, ProbeResult>>();
  const waiting = new Map<string, Set<number>>();

  function of(applianceId: string): Map<number, ProbeResult> {
    const before = known.get(applianceId);
    if (before !== undefined) return before;
    const rows = store.all(query.selectFrom('probe').selectAll().where('appliance_id', '=', applianceId));
    const read = rows.flatMap((row) => {
      const parsed = probeResultSchema.safeParse(JSON.parse(row.value_json));
      return parsed.success ? [[row.port, parsed.data] as const] : [];
    });
    const results = new Map(read);
    known.set(applianceId, results);
    return results;
  }

  return {
    of,
    put: (applianceId, results) => {
      const mine = of(applianceId);
      const ports = waiting.get(applianceId) ?? new Set();
      waiting.set(applianceId, ports);
      for (const result of results) {
        mine.set(result.port, result);
        ports.add(result.port);
      }
    },
    forget: (applianceId) => {
      known.delete(applianceId);
      waiting.delete(applianceId);
      store.run(query.deleteFrom('probe').where('appliance_id', '=', applianceId));
    },
    flush: () => {
      if (waiting.size === 0) return;
      store.write(() => {
        const there = new Set(store.all(query.selectFrom('appliance').select('id')).map((row) => row.id));
        for (const [applianceId, ports] of waiting) {
          if (!there.has(applianceId)) continue;
          for (const port of ports) {
            const result = of(applianceId).get(port);
            if (result === undefined) continue;
            const values = {
              appliance_id: applianceId,
              port,
              at: result.at,
              value_json: JSON.stringify(result),
            };
            store.run(
              query
                .insertInto('probe')
                .values(values)
                .onConflict((conflict) => conflict.columns(['appliance_id', 'port']).doUpdateSet(values)),
            );
          }
        }
      });
      waiting.clear();
    },
  };
}
