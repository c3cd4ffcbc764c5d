import { z } from 'zod';
import { errorCodeSchema } from '../../src-shared/errors.ts';
import { applianceStatusSchema } from '../../src-shared/model/appliance/applianceStatus.ts';
import { licenceShowSchema } from '../../src-shared/model/licence/licence.ts';
import { remoteNetworksSchema } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { instantSchema } from '../../src-shared/base/time.ts';
import { knownJsonLength } from '../driver/answerReader.ts';
import type { Store } from '../store/store.ts';

/** Why a command gave nothing that could be read; `text` is what it printed instead. */
const failureSchema = z.object({
  command: z.string(),
  text: z.string(),
  error: z.string(),
  code: errorCodeSchema,
});

const schemas = {
  status: applianceStatusSchema,
  remoteNetworks: remoteNetworksSchema,
  licence: licenceShowSchema,
  statusFailure: failureSchema,
  remoteNetworksFailure: failureSchema,
  licenceFailure: failureSchema,
} as const;

export type Values = { [Kind in keyof typeof schemas]: z.infer<(typeof schemas)[Kind]> };
export type Kind = keyof Values;
const kinds = [
  'status',
  'remoteNetworks',
  'licence',
  'statusFailure',
  'remoteNetworksFailure',
  'licenceFailure',
] as const satisfies readonly Kind[];
type Observed<Value> = { value: Value; observedAt: string };
/** What is known of one appliance; a kind that it never answered is missing. */
export type Snapshot = { [Each in Kind]?: Observed<Values[Each]> };

function parsed<Value>(
  schema: z.ZodType<Value>,
  row: { value_json: string; observed_at: string },
): Observed<Value> | undefined {
  const value = schema.safeParse(JSON.parse(row.value_json));
  const observedAt = instantSchema.safeParse(row.observed_at);
  return value.success && observedAt.success ? { value: value.data, observedAt: observedAt.data } : undefined;
}

/** A value that an older Sallyport wrote and this one can't read is forgotten: it is asked for anew anyway. */
function restore(rows: readonly { kind: string; value_json: string; observed_at: string }[]): Snapshot {
  const snapshot: Snapshot = {};
  for (const row of rows) {
    const put = <Each extends Kind>(kind: Each, value: Snapshot[Each]) => {
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

export type Observations = {
  of: (applianceId: string) => Snapshot;
  set: <Each extends Kind>(applianceId: string, kind: Each, observed: Observed<Values[Each]>) => void;
  clear: (applianceId: string, kind: Kind) => void;
  /** Clears every kind, in the store too. */
  clearAll: (applianceId: string) => void;
  forget: (applianceId: string) => void;
  /** Writes what waits, large values at most once a minute; called on a timer. */
  flush: () => void;
  /** Writes all that waits; called when the console ends. */
  flushAll: () => void;
};

/** A list of 3,000 forwards is 1 MB and new every five seconds: written each time that would be 17 GB a day **[ours]**. */
const largeLength = 64 * 1024;
const largeEveryMs = 60_000;
/** Twice the list of 3,000 forwards. What is longer is not kept over a restart: no appliance fills the disk **[ours]**. */
const maxStoredLength = 2 * 1024 * 1024;

/** `json` is null for what is too long to be kept. */
function storedForm(value: object): { json: string | null; length: number } {
  const known = knownJsonLength(value);
  if (known !== undefined && known > maxStoredLength) return { json: null, length: known };
  const json = JSON.stringify(value);
  return { json: json.length > maxStoredLength ? null : json, length: json.length };
}

/** Last-known values: in memory for reading, written to the store together once a second at most. */
export function createObservations(options: {
  store: Store;
  /** Milliseconds that only go forward. */
  steadyClock?: () => number;
}): Observations {
  const { store, steadyClock = () => performance.now() } = options;
  const { query } = store;
  const snapshots = new Map<string, Snapshot>();
  const waiting = new Map<string, { applianceId: string; kind: Kind }>();
  /** When values that were large were last written. */
  const largeAt = new Map<string, number>();

  const of = (applianceId: string) => {
    const known = snapshots.get(applianceId);
    if (known !== undefined) return known;
    const snapshot = restore(
      store.all(query.selectFrom('observation').selectAll().where('appliance_id', '=', applianceId)),
    );
    snapshots.set(applianceId, snapshot);
    return snapshot;
  };

  function clear(applianceId: string, kind: Kind): void {
    const snapshot = of(applianceId);
    if (snapshot[kind] === undefined) return;
    delete snapshot[kind];
    waiting.set(`${applianceId} ${kind}`, { applianceId, kind });
  }

  function write(entries: readonly [string, { applianceId: string; kind: Kind }][]): void {
    if (entries.length === 0) return;
    const lengths = new Map<string, number>();
    store.write(() => {
      const known = new Set(store.all(query.selectFrom('appliance').select('id')).map((row) => row.id));
      for (const [key, { applianceId, kind }] of entries) {
        if (!known.has(applianceId)) continue;
        const observed = of(applianceId)[kind];
        const { json, length } =
          observed === undefined ? { json: null, length: 0 } : storedForm(observed.value);
        lengths.set(key, length);
        // An older value must not come back as the last one.
        if (observed === undefined || json === null) {
          store.run(
            query.deleteFrom('observation').where('appliance_id', '=', applianceId).where('kind', '=', kind),
          );
          continue;
        }
        const values = {
          appliance_id: applianceId,
          kind,
          observed_at: observed.observedAt,
          value_json: json,
        };
        store.run(
          query
            .insertInto('observation')
            .values(values)
            .onConflict((conflict) => conflict.columns(['appliance_id', 'kind']).doUpdateSet(values)),
        );
      }
    });
    // Not before: what could not be written waits for the next try.
    for (const [key] of entries) {
      waiting.delete(key);
      if ((lengths.get(key) ?? 0) > largeLength) largeAt.set(key, steadyClock());
      else largeAt.delete(key);
    }
  }

  return {
    of,
    set: (applianceId, kind, observed) => {
      Object.assign(of(applianceId), { [kind]: observed });
      waiting.set(`${applianceId} ${kind}`, { applianceId, kind });
    },
    clear,
    clearAll: (applianceId) => {
      for (const kind of kinds) clear(applianceId, kind);
    },
    forget: (applianceId) => {
      snapshots.delete(applianceId);
      for (const [key, value] of waiting) if (value.applianceId === applianceId) waiting.delete(key);
      for (const kind of kinds) largeAt.delete(`${applianceId} ${kind}`);
    },
    flush: () => {
      const now = steadyClock();
      write(
        [...waiting].filter(([key, { applianceId, kind }]) => {
          const isGone = of(applianceId)[kind] === undefined;
          return isGone || now - (largeAt.get(key) ?? Number.NEGATIVE_INFINITY) >= largeEveryMs;
        }),
      );
    },
    flushAll: () => write([...waiting]),
  };
}
