import { hash } from 'node:crypto';
import { z } from 'zod';
import { dayMs } from '../../../src-shared/base/time.ts';
import { hashInput, type HashedField } from '../../../src-shared/model/usage/hashedFields.ts';
import {
  connectorNameSchema,
  isNameText,
  nameTextSchema,
  type AccountLine,
} from '../../../src-shared/model/usage/usageReport.ts';
import { databaseError } from '../accounts/accountsDatabase.ts';
import { internalSql, type InternalRule } from './usageContext.ts';

/** A time as the number of its day, or -1 before the first one: reports have no times of day, and small numbers are fast. */
const daySql = (column: string) => `CASE WHEN ${column} < 0 THEN -1 ELSE ${column} / ${dayMs} END`;

/** The columns that `createLineReader` reads, in its order, with their SQL. */
const columns = (internal: InternalRule) => ({
  id: 'a.id',
  user_name: 'a.user_name',
  user_id: 'a.user_id',
  user_domain: 'a.user_domain',
  is_admin: 'a.is_admin',
  is_internal: internalSql[internal],
  name: 'c.name',
  connected_at: daySql('a.connected_at'),
  updated_at: daySql('a.updated_at'),
  last_request_at: daySql('a.last_request_at'),
  deactivated_at: daySql('a.deactivated_at'),
});
export const lineColumnNames = Object.keys(columns('none'));
export const lineColumnsSql = (internal: InternalRule): string => Object.values(columns(internal)).join(', ');
/** An account without its application or connector, which another program deleted, must not be left out. */
export const lineTablesSql =
  'account a LEFT JOIN application p ON p.id = a.application_id LEFT JOIN connector c ON c.id = a.connector_id';

const nameSchema = nameTextSchema.nullable();
const flagSchema = z.int().min(0).max(1);
const maxDay = Date.UTC(9999, 11, 31) / dayMs;
const daySchema = z.int().min(0).max(maxDay);
const rowSchema = z.tuple([
  z.int().positive(),
  nameSchema,
  nameSchema,
  nameSchema,
  flagSchema,
  flagSchema,
  connectorNameSchema,
  daySchema,
  daySchema,
  daySchema.nullable(),
  daySchema.nullable(),
]);

type Name = string | null;
type Row = [number, Name, Name, Name, number, number, string, number, number, number | null, number | null];

const isName = (value: unknown) => value === null || (typeof value === 'string' && isNameText(value));
const isFlag = (value: unknown) => value === 0 || value === 1;
const isDay = (value: unknown) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= maxDay;

/** The checks of `rowSchema`, which takes most of the time of a report of a million accounts. */
function isRow(row: readonly unknown[], connectors: ReadonlySet<unknown>): row is Row {
  const [id, userName, userId, userDomain, admin, internal, connector, connected, updated, request, ended] =
    row;
  return (
    typeof id === 'number' &&
    id > 0 &&
    Number.isSafeInteger(id) &&
    isName(userName) &&
    isName(userId) &&
    isName(userDomain) &&
    isFlag(admin) &&
    isFlag(internal) &&
    connectors.has(connector) &&
    isDay(connected) &&
    isDay(updated) &&
    (request === null || isDay(request)) &&
    (ended === null || isDay(ended))
  );
}

/** Few domains recur in most accounts. */
const maxDomains = 10_000;
/** The days of eleven years. */
const daySlots = 4096;
const dayLength = 'YYYY-MM-DD'.length;

/** The hash of an account ID, which are decimal digits. */
export const hashAccount = (id: number): string => hash('md5', String(id), 'hex');

/** The hash of a row whose first column is an account ID. Null if it is no account ID. */
export function hashAccountOf([id]: readonly unknown[]): string | null {
  return typeof id === 'number' ? hashAccount(id) : null;
}

function md5(field: HashedField, value: string | null): string | null {
  const text = hashInput(field, value);
  return text === null ? null : hash('md5', text, 'hex');
}

/** Writes domains and days, of which few recur in most accounts: making them again would take most of the time of a report. */
function createFormats() {
  const hashes = new Map<string, string | null>();
  const days = new Int32Array(daySlots).fill(-1);
  const dayTexts: string[] = [];
  return {
    domain: (value: string | null) => {
      if (value === null) return null;
      const known = hashes.get(value);
      if (known !== undefined) return known;
      if (hashes.size >= maxDomains) hashes.clear();
      const made = md5('userDomain', value);
      hashes.set(value, made);
      return made;
    },
    day: (day: number): string => {
      const slot = day % daySlots;
      const known = dayTexts[slot];
      if (known !== undefined && days[slot] === day) return known;
      const made = new Date(day * dayMs).toISOString().slice(0, dayLength);
      days[slot] = day;
      dayTexts[slot] = made;
      return made;
    },
  };
}

/**
 * Makes the lines of a report from rows of `lineColumnsSql`. `to`: the end of the month, epoch ms. An account that was
 * deactivated later was active in the month **[ours]**. The reader throws DATABASE_UNUSABLE for a value that no report can
 * have, with the hash of the account. `place` names the database.
 */
export function createLineReader({
  to,
  place,
}: {
  to: number;
  place: string;
}): (row: readonly unknown[]) => AccountLine {
  const formats = createFormats();
  // Months begin with a day.
  const endDay = to / dayMs;
  const connectors = new Set<unknown>();
  const check = (row: readonly unknown[]) => {
    if (isRow(row, connectors)) return row;
    const parsed = rowSchema.safeParse(row);
    if (!parsed.success)
      throw databaseError(place, parsed.error, { columns: lineColumnNames, account: hashAccountOf(row) });
    connectors.add(parsed.data[6]);
    return parsed.data;
  };
  return (row) => {
    const [id, userName, userId, userDomain, admin, internal, connector, connected, updated, request, ended] =
      check(row);
    const isInternal = internal === 1;
    const shared = {
      active: ended === null || ended >= endDay,
      admin: admin === 1,
      connector,
      lastRequest: request === null ? null : formats.day(request),
      connected: formats.day(connected),
      updated: formats.day(updated),
    };
    if (isInternal) return { account: String(id), userName, userId, userDomain, ...shared, internal: true };
    return {
      account: hashAccount(id),
      userName: md5('userName', userName),
      userId: md5('userId', userId),
      userDomain: formats.domain(userDomain),
      active: shared.active,
      admin: shared.admin,
      connector,
      lastRequest: shared.lastRequest,
      connected: shared.connected,
      updated: shared.updated,
      internal: false,
    };
  };
}
