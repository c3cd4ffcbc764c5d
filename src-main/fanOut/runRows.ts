import { randomUUID } from 'node:crypto';
import { sql, type Selectable } from 'kysely';
import type { z } from 'zod';
import {
  applianceResultSchema,
  fleetRunSchema,
  type FleetRun,
  type RunSummary,
} from '../../src-shared/model/fanOut/fleetRun.ts';
import { applianceStateSchema } from '../../src-shared/model/fanOut/runStates.ts';
import { isProcessAlive } from '../../src-shared/node/isProcessAlive.ts';
import type { Schema } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { undoSchema } from './performTask.ts';

/** Older runs are deleted **[ours]**. The audit trail keeps what they did. */
const maxRuns = 50;

const storedResultSchema = applianceResultSchema.extend({ undo: undoSchema.nullable() });
export type StoredResult = z.infer<typeof storedResultSchema>;

/** `isMine`: this console runs it, or has run it last. */
export type StoredRun = { run: FleetRun; isMine: boolean; isOwnerGone: boolean };

const isActive = ({ state }: FleetRun) => state === 'running' || state === 'rolling-back';

/** The stored runs with their results. Another console of the same data folder may run one of them now. */
export function createRunRows({ store }: { store: Store }) {
  const { query } = store;
  const owner = randomUUID();
  const ownerPid = process.pid;

  function read(row: Selectable<Schema['fleetRun']>): StoredRun[] {
    const { data } = fleetRunSchema.safeParse(JSON.parse(row.runJson));
    if (data === undefined) return [];
    const isMine = row.owner === owner;
    // A restarted console may have the process ID of the one before.
    const isOwnerGone = !isMine && (row.ownerPid === ownerPid || !isProcessAlive(row.ownerPid));
    return [{ run: data, isMine, isOwnerGone }];
  }

  const rows = query.selectFrom('fleetRun').selectAll();
  const list = () => store.all(rows.orderBy('number', 'desc')).flatMap(read);
  const lastNumber = () =>
    store.first(query.selectFrom('fleetRun').select(({ fn }) => fn.max('number').as('number')))?.number ?? 0;

  const valuesOf = (run: FleetRun) => ({
    owner,
    ownerPid,
    runJson: JSON.stringify(fleetRunSchema.parse(run)),
  });

  const updateRun = (run: FleetRun): void =>
    void store.run(query.updateTable('fleetRun').set(valuesOf(run)).where('number', '=', run.number));

  const saveResult = (number: number, position: number, result: StoredResult): void =>
    void store.run(
      query.replaceInto('fleetRunResult').values({
        number,
        applianceId: result.applianceId,
        position,
        resultJson: JSON.stringify(storedResultSchema.parse(result)),
      }),
    );

  return {
    list,
    isActive,
    /** The number of the newest run; 0 without any. */
    lastNumber,
    find: (number: number): StoredRun | undefined =>
      store
        .all(rows.where('number', '=', number))
        .flatMap(read)
        .at(0),
    /** How many results of each run are in each state, without reading their outputs. */
    countStates: (): ReadonlyMap<number, RunSummary['counts']> => {
      const counts = new Map<number, RunSummary['counts']>();
      const state = sql<string>`json_extract(result_json, '$.state')`;
      const counted = query
        .selectFrom('fleetRunResult')
        .select(({ fn }) => ['number', state.as('state'), fn.countAll<number>().as('count')])
        .groupBy(['number', state]);
      for (const row of store.all(counted)) {
        const { data } = applianceStateSchema.safeParse(row.state);
        if (data !== undefined) counts.set(row.number, { ...counts.get(row.number), [data]: row.count });
      }
      return counts;
    },
    /** In the order of the run. */
    results: (number: number): StoredResult[] =>
      store
        .all(query.selectFrom('fleetRunResult').selectAll().where('number', '=', number).orderBy('position'))
        .flatMap(({ resultJson }) => storedResultSchema.safeParse(JSON.parse(resultJson)).data ?? []),
    /** Stores a new run under the next number, and deletes the oldest ones that have ended. */
    add: (run: Omit<FleetRun, 'number'>, results: readonly StoredResult[]): FleetRun =>
      store.write(() => {
        const known = list();
        const number = lastNumber() + 1;
        const added = { ...run, number };
        store.run(query.insertInto('fleetRun').values({ number, ...valuesOf(added) }));
        for (const [position, result] of results.entries()) saveResult(number, position, result);
        const old = known.filter((one) => !isActive(one.run)).slice(maxRuns - 1);
        for (const one of old) store.run(query.deleteFrom('fleetRun').where('number', '=', one.run.number));
        return added;
      }),
    /** Stores a run of this console; without `results`, only its own facts. */
    save: (run: FleetRun, results: readonly StoredResult[] = []): void =>
      store.write(() => {
        updateRun(run);
        for (const [position, result] of results.entries()) saveResult(run.number, position, result);
      }),
    saveResult: (number: number, position: number, result: StoredResult): void =>
      store.write(() => saveResult(number, position, result)),
  };
}
export type RunRows = ReturnType<typeof createRunRows>;
