import type Database from 'better-sqlite3';
import {
  CamelCasePlugin,
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
} from 'kysely';
import { migrations } from './migrations/index.ts';
import { openDatabase, storeError } from './openDatabase.ts';
import type { Schema } from './schema.ts';
import { createBoundedMap } from '../../src-shared/base/boundedMap.ts';
import { callEvery } from '../../src-shared/node/callEvery.ts';

type Query<Row> = { compile: () => CompiledQuery<Row> };

/**
 * The only access to the database: `query` builds SQL, the other methods run it synchronously. Names are
 * camel case here and snake case in SQL. Every method throws STORE_FAILED if SQLite fails, e.g. because the
 * disk is full.
 */
export type Store = {
  query: Kysely<Schema>;
  all: <Row>(query: Query<Row>) => Row[];
  first: <Row>(query: Query<Row>) => Row | undefined;
  run: (query: Query<unknown>) => number;
  /** Runs `work` in a read transaction, so that all its queries see the same state. */
  read: <Result>(work: () => Result) => Result;
  /** Runs `work` in a write transaction. Waits while another process writes. */
  write: <Result>(work: () => Result) => Result;
  /** Like `write`, but the data is on the disk when the method returns. */
  writeDurably: <Result>(work: () => Result) => Result;
  /**
   * Calls `listener` within about a second after another process changed the database. If the listener
   * throws, it is called again a second later.
   */
  onForeignChange: (listener: () => void) => () => void;
  close: () => void;
};

type Renaming = { column: string; key: string };

/** The columns of a statement whose names differ between SQL and this program. */
function renamingsOf(statement: Pick<Database.Statement, 'columns'>): Renaming[] {
  return statement
    .columns()
    .map(({ name }) => ({
      column: name,
      key: name.replaceAll(/_([a-z])/gu, (_, letter: string) => letter.toUpperCase()),
    }))
    .filter(({ column, key }) => column !== key);
}

/** Renames the columns of a row in place. */
function rename<Row>(row: Row, renamings: readonly Renaming[]): Row {
  if (typeof row !== 'object' || row === null) return row;
  for (const { column, key } of renamings) {
    Reflect.set(row, key, Reflect.get(row, column));
    Reflect.deleteProperty(row, column);
  }
  return row;
}

const foreignChangePollMs = 1000;
/** Statements of this program that are kept. Lists of any length, as in `IN (…)`, make more **[ours]**. */
const maxStatements = 256;

/** Prepares each statement once, because that takes longer than most of them run. `Query` knows the rows' type. */
function createStatements(sqlite: Database.Database) {
  const known = createBoundedMap<string, ReturnType<typeof prepare>>(maxStatements);
  function prepare(sql: string) {
    const statement = sqlite.prepare<unknown[], never>(sql);
    return { statement, renamings: statement.reader ? renamingsOf(statement) : [] };
  }
  return (sql: string) => {
    const kept = known.get(sql);
    if (kept !== undefined) return kept;
    const made = prepare(sql);
    known.set(sql, made);
    return made;
  };
}

function guarded<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (thrown) {
    throw storeError(thrown);
  }
}

/**
 * Opens the database in `folder`. Creates or migrates it if needed. Throws STORE_FROM_FUTURE or STORE_FAILED.
 * `onPollFailed` gets the errors of the repeated check for changes by other processes.
 */
export function openStore(options: { folder: string; onPollFailed?: (thrown: unknown) => void }): Store {
  const sqlite = openDatabase({ folder: options.folder, name: 'store.db', migrations });
  const query = new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (database) => new SqliteIntrospector(database),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
    plugins: [new CamelCasePlugin()],
  });
  const listeners = new Set<() => void>();
  const dataVersion = () => sqlite.pragma('data_version', { simple: true });
  let seen = dataVersion();
  /** Listeners that threw at their last call. They are called again at the next check. */
  const failedListeners = new Set<() => void>();
  const checkForChanges = () => {
    const now = dataVersion();
    const due = now === seen ? [...failedListeners] : [...listeners];
    seen = now;
    for (const listener of due) {
      failedListeners.delete(listener);
      try {
        listener();
      } catch (thrown) {
        if (listeners.has(listener)) failedListeners.add(listener);
        options.onPollFailed?.(thrown);
      }
    }
  };
  const stopPoll = callEvery({
    everyMs: foreignChangePollMs,
    work: checkForChanges,
    onError: (thrown) => options.onPollFailed?.(storeError(thrown)),
  });

  const prepareOnce = createStatements(sqlite);
  function prepare(built: Query<unknown>) {
    const { sql, parameters } = built.compile();
    return { ...prepareOnce(sql), parameters };
  }
  function write<Result>(work: () => Result): Result {
    return guarded(() => sqlite.transaction(work).immediate());
  }

  return {
    query,
    all: (built) =>
      guarded(() => {
        const { statement, renamings, parameters } = prepare(built);
        return statement.all(...parameters).map((row) => rename(row, renamings));
      }),
    first: (built) =>
      guarded(() => {
        const { statement, renamings, parameters } = prepare(built);
        return rename(statement.get(...parameters), renamings);
      }),
    run: (built) =>
      guarded(() => {
        const { statement, parameters } = prepare(built);
        return statement.run(...parameters).changes;
      }),
    read: (work) => guarded(() => sqlite.transaction(work).deferred()),
    write,
    writeDurably: (work) => {
      // SQLite in WAL mode flushes at a commit only with FULL. That flush includes earlier commits.
      if (sqlite.inTransaction) return guarded(work);
      guarded(() => sqlite.pragma('synchronous = FULL'));
      try {
        return write(work);
      } finally {
        sqlite.pragma('synchronous = NORMAL');
      }
    },
    onForeignChange: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        failedListeners.delete(listener);
      };
    },
    close: () => {
      stopPoll();
      listeners.clear();
      failedListeners.clear();
      sqlite.close();
    },
  };
}
