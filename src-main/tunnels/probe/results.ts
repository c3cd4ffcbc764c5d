import { probeResultSchema, type ProbeResult } from '../../../src-shared/model/tunnels/probe.ts';
import type { Store } from '../../store/store.ts';
import { createWriteBehind } from '../../store/writeBehind.ts';

/**
 * Stores the last result of each port. Drops a stored result that this version can't parse, because its
 * tunnel is probed again.
 */
export function createProbeResults(store: Store) {
  const { query } = store;
  const results = createWriteBehind({
    store,
    load: (applianceId) => {
      const rows = store.all(query.selectFrom('probe').selectAll().where('applianceId', '=', applianceId));
      return new Map(
        rows.flatMap(({ port, valueJson }): [number, ProbeResult][] => {
          const parsed = probeResultSchema.safeParse(JSON.parse(valueJson));
          return parsed.success ? [[port, parsed.data]] : [];
        }),
      );
    },
    save: (applianceId, port: number, values) => {
      const result = values.get(port);
      if (result === undefined) return;
      const valueJson = JSON.stringify(result);
      store.run(query.replaceInto('probe').values({ applianceId, port, at: result.at, valueJson }));
    },
  });

  return {
    of: (applianceId: string): ReadonlyMap<number, ProbeResult> => results.of(applianceId),
    put: (applianceId: string, news: readonly ProbeResult[]): void => {
      for (const result of news) {
        results.of(applianceId).set(result.port, result);
        results.touch(applianceId, result.port);
      }
    },
    /** Deletes the results of an appliance. Throws STORE_FAILED. */
    forget: (applianceId: string): void => {
      results.forget(applianceId);
      store.run(query.deleteFrom('probe').where('applianceId', '=', applianceId));
    },
    /** Saves results. Throws STORE_FAILED; results that were not saved are saved by the next flush. */
    flush: () => results.flush(),
  };
}
