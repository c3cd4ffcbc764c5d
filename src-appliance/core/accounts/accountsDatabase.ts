import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import { shorten, visibleLine } from '../../../src-shared/base/machineText.ts';

export type SqlValue = string | number | null;

/** SQL that SQLite and PostgreSQL both understand, with `?` for each value. All methods reject with DATABASE_UNUSABLE. */
export type SqlReader = {
  all: <Row>(schema: z.ZodType<Row>, sql: string, ...values: SqlValue[]) => Promise<Row[]>;
  /**
   * The rows in batches, so that a large result needs little memory. Each row has its values in the order of the columns.
   * Takes at least one value, because the PostgreSQL library reads a query without values all at once.
   */
  stream: (sql: string, ...values: [SqlValue, ...SqlValue[]]) => AsyncIterable<readonly unknown[][]>;
};

export type SqlWriter = SqlReader & {
  /** Resolves with the number of changed rows. */
  run: (sql: string, ...values: SqlValue[]) => Promise<number>;
  /** Runs statements without values. */
  script: (sql: string) => Promise<void>;
};

export type AccountsDialect = 'sqlite' | 'postgres';

/** The database with developers, applications, connectors and accounts. */
export type AccountsDatabase = {
  dialect: AccountsDialect;
  /** How errors name it. Holds no password. */
  place: string;
  /** Runs `work` in one transaction that sees one consistent state and can't write. */
  read: <Result>(work: (reader: SqlReader) => Promise<Result>) => Promise<Result>;
  /**
   * Runs `work` in one transaction. Nothing is changed if it rejects, or in a rehearsal. Runs it again, a few times, if other
   * programs changed the same rows, and then rejects with BUSY.
   */
  write: <Result>(
    work: (writer: SqlWriter) => Promise<Result>,
    options?: { isRehearsal?: boolean },
  ) => Promise<Result>;
  close: () => Promise<void>;
};

/** Rows of a batch of `stream`. */
export const batchRows = 250;

const maxReason = 300;

/** The row whose values were read: the names of its columns, and the hash of its account if it has one. */
type ReadRow = { columns: readonly string[]; account: string | null };

/** DATABASE_UNUSABLE. It names the column of an unexpected value and the account by its hash, and quotes no value. */
export function databaseError(place: string, cause: unknown, row?: ReadRow): AppError {
  if (cause instanceof AppError) return cause;
  if (cause instanceof z.ZodError) {
    const [field = ''] = cause.issues[0]?.path.slice(-1) ?? [];
    const column = typeof field === 'number' ? (row?.columns[field] ?? field) : field;
    const account = row == null || row.account === null ? '' : ` of account ${row.account}`;
    const reason = `${place} has an unexpected value in column ${String(column)}${account}`;
    return new AppError('DATABASE_UNUSABLE', reason, { cause });
  }
  const reason = cause instanceof Error ? shorten(visibleLine(cause.message), maxReason) : 'unknown';
  return new AppError('DATABASE_UNUSABLE', `${place} can’t be used: ${reason}`, { cause });
}
