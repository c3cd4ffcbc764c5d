import { setTimeout as wait } from 'node:timers/promises';
import postgres from 'postgres';
import { z } from 'zod';
import { growingDelayMs } from '../../../src-shared/base/backOff.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';
import {
  batchRows,
  databaseError,
  type AccountsDatabase,
  type SqlReader,
  type SqlWriter,
} from './accountsDatabase.ts';

export type PostgresSettings = {
  /** A name or address, or the folder of a Unix socket. */
  host: string;
  port: number;
  database: string;
  user: string;
  password: string | null;
};

const connectSeconds = 10;
/** A statement that reads or changes a million accounts takes seconds. */
const statementSeconds = 600;

/** PostgreSQL numbers its placeholders. No SQL here has a question mark in a text. */
function numberPlaceholders(sql: string): string {
  let count = 0;
  return sql.replaceAll('?', () => `$${(count += 1)}`);
}

/** Whole numbers of 64 bits as numbers, because no count and no time here is too large for one. */
const bigint = { to: 20, from: [20], parse: Number, serialize: String };

/** Its values, in the order of the columns. A schema would take most of the time of a report. */
const toRow = (row: unknown): unknown[] => (Array.isArray(row) ? row : []);

function makeWriter(sql: postgres.TransactionSql<{ bigint: number }>, place: string): SqlWriter {
  const guarded = <Result>(work: Promise<Result>): Promise<Result> =>
    work.catch((cause: unknown) => {
      throw databaseError(place, cause);
    });
  return {
    all: (schema, text, ...values) =>
      guarded(sql.unsafe(numberPlaceholders(text), values).then((rows) => z.array(schema).parse([...rows]))),
    stream: async function* (text, ...values) {
      const query = sql.unsafe(numberPlaceholders(text), values).values();
      try {
        for await (const rows of query.cursor(batchRows)) yield Array.from(rows, toRow);
      } catch (cause) {
        throw databaseError(place, cause);
      }
    },
    run: (text, ...values) =>
      guarded(sql.unsafe(numberPlaceholders(text), values).then(({ count }) => count)),
    script: (text) =>
      guarded(
        sql
          .unsafe(text)
          .simple()
          .then(() => undefined),
      ),
  };
}

/** A change is tried so many times if other programs change the same rows **[ours]**. */
const maxAttempts = 6;
const retryDelay = { firstMs: 20, maxMs: 1000 };
/** The codes with which PostgreSQL asks for a retry: a row was changed since the transaction began, and a deadlock **[doc]**. */
const retryCodes: readonly unknown[] = ['40001', '40P01'];

function asksForRetry(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause)
    if (retryCodes.includes(systemErrorCode(error))) return true;
  return false;
}

/** Whether the connection has ended, so that not even a rollback can be sent. The server then reports no mere `ERROR`. */
function hasLostConnection(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof postgres.PostgresError) return error.severity !== 'ERROR';
    if (/^(?:CONNECTION_[A-Z]+|E[A-Z]+)$/u.test(`${systemErrorCode(error)}`)) return true;
  }
  return false;
}

/** Repeats `work` while PostgreSQL asks for it. Rejects with BUSY if it still does after the last attempt. */
async function retryConflicts<Result>(place: string, work: () => Promise<Result>): Promise<Result> {
  for (let failures = 0; ; failures += 1)
    try {
      return await work();
    } catch (error) {
      if (!asksForRetry(error)) throw error;
      if (failures + 1 >= maxAttempts)
        throw new AppError(
          'BUSY',
          `other programs keep changing the same rows of ${place}; nothing was changed`,
          {
            cause: error,
          },
        );
      // A random share, so that two changes that met don't meet again.
      await wait(growingDelayMs({ failures, ...retryDelay }) * (0.5 + Math.random()));
    }
}

/** Makes the library roll a transaction back. */
class Rehearsed extends Error {}

/** Connects at the first use. Encrypts the connection if the server can. */
export function openPostgres(settings: PostgresSettings): AccountsDatabase {
  const { host, port, database, user, password } = settings;
  const place = `the database ${database} of ${user} at ${host}:${port}`;
  const isSocket = host.startsWith('/');
  const sql = postgres({
    host,
    port,
    database,
    user,
    ...(password === null ? {} : { password }),
    ssl: isSocket ? false : 'prefer',
    max: 1,
    connect_timeout: connectSeconds,
    onnotice: () => undefined,
    types: { bigint },
    connection: { application_name: 'sallyport', statement_timeout: statementSeconds * 1000 },
  });
  /** Why the connection has ended. */
  let lost: unknown = null;
  const transact = async <Result>(
    { mode, isRehearsal }: { mode: string; isRehearsal: boolean },
    work: (writer: SqlWriter) => Promise<Result>,
  ): Promise<Result> => {
    // The library's own type of a result unwraps arrays, so the result is carried in an object.
    const done: { result: Result }[] = [];
    try {
      await sql.begin(mode, async (transaction) => {
        try {
          done.push({ result: await work(makeWriter(transaction, place)) });
        } catch (cause) {
          if (!hasLostConnection(cause)) throw cause;
          lost = cause;
          // The library would write a rollback to the closed connection, which ends the process. It rejects once that is closed.
          await new Promise(() => undefined);
        }
        if (isRehearsal) throw new Rehearsed();
      });
    } catch (cause) {
      if (lost === null && hasLostConnection(cause)) lost = cause;
      if (!(cause instanceof Rehearsed)) throw databaseError(place, lost ?? cause);
    }
    const [only] = done;
    if (only === undefined) throw new Error('a transaction ended without its result');
    return only.result;
  };
  return {
    dialect: 'postgres',
    place,
    read: (work) => {
      const readOnly = (writer: SqlReader) => work(writer);
      return transact({ mode: 'isolation level repeatable read read only', isRehearsal: false }, readOnly);
    },
    // Unlike serializable, it fails only if another program changed a row that it changes, too.
    write: (work, { isRehearsal = false } = {}) =>
      retryConflicts(place, () => transact({ mode: 'isolation level repeatable read', isRehearsal }, work)),
    // The transaction of a lost connection never ends.
    close: () => sql.end({ timeout: lost === null ? connectSeconds : 0 }),
  };
}
