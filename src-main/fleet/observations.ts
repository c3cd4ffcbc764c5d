import { z } from 'zod';
import { errorCodeSchema } from '../../src-shared/errorCodes.ts';
import { applianceStatusSchema } from '../../src-shared/model/appliance/applianceStatus.ts';
import { licenceShowOutputSchema } from '../../src-shared/model/licence/licence.ts';
import { remoteNetworksSchema } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { instantSchema, minuteMs } from '../../src-shared/base/time.ts';
import { statusFacts } from './quietly.ts';
import { knownJsonLength } from '../driver/answerReader.ts';
import type { Store } from '../store/store.ts';
import { areSame } from '../../src-shared/base/memo.ts';
import { createWriteBehind } from '../store/writeBehind.ts';

/** Why the output of a command could not be parsed. `text` is the output. */
const failureSchema = z.object({
  command: z.string(),
  text: z.string(),
  error: z.string(),
  code: errorCodeSchema,
});

const schemas = {
  status: applianceStatusSchema,
  remoteNetworks: remoteNetworksSchema,
  licence: licenceShowOutputSchema,
  statusFailure: failureSchema,
  remoteNetworksFailure: failureSchema,
  licenceFailure: failureSchema,
} as const;

export type ObservationValues = { [Kind in keyof typeof schemas]: z.infer<(typeof schemas)[Kind]> };
export type ObservationKind = keyof ObservationValues;
const kinds = [
  'status',
  'remoteNetworks',
  'licence',
  'statusFailure',
  'remoteNetworksFailure',
  'licenceFailure',
] as const satisfies readonly ObservationKind[];
type Observed<Value> = { value: Value; observedAt: string };
/** The last values of an appliance, by kind. A kind that the appliance never returned is missing. */
export type Snapshot = { [Each in ObservationKind]?: Observed<ObservationValues[Each]> };

function parsed<Value>(
  schema: z.ZodType<Value>,
  row: { valueJson: string; observedAt: string },
): Observed<Value> | undefined {
  const value = schema.safeParse(JSON.parse(row.valueJson));
  const observedAt = instantSchema.safeParse(row.observedAt);
  return value.success && observedAt.success ? { value: value.data, observedAt: observedAt.data } : undefined;
}

/**
 * Parses stored values. A value that this version can't parse is dropped, because the next poll replaces it.
 */
function restore(rows: readonly { kind: string; valueJson: string; observedAt: string }[]): Snapshot {
  const snapshot: Snapshot = {};
  for (const row of rows) {
    const put = <Each extends ObservationKind>(kind: Each, value: Snapshot[Each]) => {
      if (value !== undefined) snapshot[kind] = value;
    };
    if (row.kind === 'status') put('status', parsed(schemas.status, row));
    if (row.kind === 'remoteNetworks') put('remoteNetworks', parsed(schemas.remoteNetworks, row));
    if (row.kind === 'licence') put('licence', parsed(schemas.licence, row));
    if (row.kind === 'statusFailure') put('statusFailure', parsed(schemas.statusFailure, row));
    if (row.kind === 'remoteNetworksFailure')
      put('remoteNetworksFailure', parsed(schemas.remoteNetworksFailure, row));
    if (row.kind === 'licenceFailure') put('licenceFailure', parsed(schemas.licenceFailure, row));
  }
  return snapshot;
}

export type Observations = ReturnType<typeof createObservations>;

/**
 * Longer values are written at most once a minute. A list of 3,000 forwards is 1 MB every five seconds, which
 * would be 17 GB a day **[ours]**.
 */
const largeLength = 64 * 1024;
/** So is one of which only the time is new, because an appliance says every few seconds that it still holds **[ours]**. */
const seldomEveryMs = minuteMs;
/**
 * Longer values are not stored, so that no appliance fills the disk. This is twice a list of 3,000 forwards
 * **[ours]**.
 */
const maxStoredLength = 2 * 1024 * 1024;

/** `json` is null if the value is too long to be stored. */
function serializeValue(value: object): { json: string | null; length: number } {
  const known = knownJsonLength(value);
  if (known !== undefined && known > maxStoredLength) return { json: null, length: known };
  const json = JSON.stringify(value);
  return { json: json.length > maxStoredLength ? null : json, length: json.length };
}

type Written = { at: number; isLarge: boolean; facts: readonly unknown[] };

/** What a value says except when. */
function factsOf(snapshot: Snapshot, kind: ObservationKind): readonly unknown[] {
  return kind === 'status' && snapshot.status !== undefined
    ? statusFacts(snapshot.status.value)
    : [snapshot[kind]?.value];
}

/** The last values of each appliance, in memory for reading and in the store for the next start. */
export function createObservations(options: {
  store: Store;
  /** Milliseconds of a clock that a change of the system time does not affect. */
  steadyClock?: () => number;
}) {
  const { store, steadyClock = () => performance.now() } = options;
  const { query } = store;
  /** What was last written of each appliance and kind. */
  const written = new Map<string, Written>();
  /** The same of the current transaction, which may still fail. */
  const saved = new Map<string, Written>();

  const observations = createWriteBehind({
    store,
    load: (applianceId) =>
      restore(store.all(query.selectFrom('observation').selectAll().where('applianceId', '=', applianceId))),
    save: (applianceId, kind: ObservationKind, snapshot) => {
      const observed = snapshot[kind];
      const { json, length } =
        observed === undefined ? { json: null, length: 0 } : serializeValue(observed.value);
      const facts = factsOf(snapshot, kind);
      saved.set(`${applianceId} ${kind}`, { at: steadyClock(), isLarge: length > largeLength, facts });
      // The new value is too long to be stored. Delete the stored older value, so that a restart does not
      // load it.
      store.run(
        observed === undefined || json === null
          ? query.deleteFrom('observation').where('applianceId', '=', applianceId).where('kind', '=', kind)
          : query
              .replaceInto('observation')
              .values({ applianceId, kind, observedAt: observed.observedAt, valueJson: json }),
      );
    },
  });

  function write(isDue?: Parameters<typeof observations.flush>[0]): void {
    saved.clear();
    observations.flush(isDue);
    for (const [key, value] of saved) written.set(key, value);
  }

  function clear(applianceId: string, kind: ObservationKind): void {
    const snapshot = observations.of(applianceId);
    if (snapshot[kind] === undefined) return;
    delete snapshot[kind];
    observations.touch(applianceId, kind);
  }

  return {
    of: (applianceId: string): Snapshot => observations.of(applianceId),
    set: <Each extends ObservationKind>(
      applianceId: string,
      kind: Each,
      observed: Observed<ObservationValues[Each]>,
    ): void => {
      Object.assign(observations.of(applianceId), { [kind]: observed });
      observations.touch(applianceId, kind);
    },
    clear,
    /** Deletes all values of an appliance, also in the store. */
    clearAll: (applianceId: string): void => {
      for (const kind of kinds) clear(applianceId, kind);
    },
    forget: (applianceId: string): void => {
      observations.forget(applianceId);
      for (const kind of kinds) written.delete(`${applianceId} ${kind}`);
    },
    /** Writes changed values. Writes large values, and those of which only the time changed, at most once a minute. A timer calls this. */
    flush: (): void => {
      const now = steadyClock();
      write((applianceId, kind) => {
        const snapshot = observations.of(applianceId);
        const last = written.get(`${applianceId} ${kind}`);
        if (snapshot[kind] === undefined || last === undefined || now - last.at >= seldomEveryMs) return true;
        return !last.isLarge && !areSame(last.facts, factsOf(snapshot, kind));
      });
    },
    /** Writes all changed values. Called when the console stops. */
    flushAll: (): void => write(),
  };
}
