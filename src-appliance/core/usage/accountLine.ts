import { hash } from 'node:crypto';
import { z } from 'zod';
import { createBoundedMap } from '../../../src-shared/base/boundedMap.ts';
import { hashInput, type HashedField } from '../../../src-shared/model/usage/hashedFields.ts';
import {
  connectorNameSchema,
  maxNameLength,
  type AccountLine,
} from '../../../src-shared/model/usage/usageReport.ts';
import { internalSql, type InternalRule } from './usageContext.ts';

/** The columns that `createLineReader` reads, in its order, and their tables. */
export const lineColumnsSql = (
  internal: InternalRule,
) => `a.id, a.user_name, a.user_id, a.user_domain, a.is_admin,
  ${internalSql[internal]}, c.name, a.connected_at, a.updated_at, a.last_request_at, a.deactivated_at`;
export const lineTablesSql =
  'account a JOIN application p ON p.id = a.application_id JOIN connector c ON c.id = a.connector_id';

const nameSchema = z.string().min(1).max(maxNameLength).nullable();
const flagSchema = z.int().min(0).max(1);
const maxTime = Date.UTC(9999, 11, 31);
const timeSchema = z.int().min(0).max(maxTime);
const rowSchema = z.tuple([
  z.int().positive(),
  nameSchema,
  nameSchema,
  nameSchema,
  flagSchema,
  flagSchema,
  connectorNameSchema,
  timeSchema,
  timeSchema,
  timeSchema.nullable(),
  timeSchema.nullable(),
]);

type Name = string | null;
type Row = [number, Name, Name, Name, number, number, string, number, number, number | null, number | null];

const isName = (value: unknown) =>
  value === null || (typeof value === 'string' && value.length > 0 && value.length <= maxNameLength);
const isFlag = (value: unknown) => value === 0 || value === 1;
const isTime = (value: unknown) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= maxTime;

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
    isTime(connected) &&
    isTime(updated) &&
    (request === null || isTime(request)) &&
    (ended === null || isTime(ended))
  );
}

/** Few domains and days recur in most accounts. */
const maxRemembered = 10_000;
const dayLength = 'YYYY-MM-DD'.length;

/** The hash of an account ID, which are decimal digits. */
export const hashAccount = (id: number): string => hash('md5', String(id), 'hex');

function md5(field: HashedField, value: string | null): string | null {
  const text = hashInput(field, value);
  return text === null ? null : hash('md5', text, 'hex');
}

function createFormats() {
  const hashes = createBoundedMap<string, string>(maxRemembered);
  return {
    domain: (value: string | null) => {
      if (value === null) return null;
      const known = hashes.get(value);
      if (known !== undefined) return known;
      const made = md5('userDomain', value);
      if (made !== null) hashes.set(value, made);
      return made;
    },
    day: (time: number) => new Date(time).toISOString().slice(0, dayLength),
  };
}

/**
 * Makes the lines of a report from rows of `lineColumnsSql`. `to`: the end of the month, epoch ms. An account that was
 * deactivated later was active in the month **[ours]**. The reader throws ZodError for a value that no report can have.
 */
export function createLineReader(to: number): (row: readonly unknown[]) => AccountLine {
  const formats = createFormats();
  const connectors = new Set<unknown>();
  const check = (row: readonly unknown[]) => {
    if (isRow(row, connectors)) return row;
    const parsed = rowSchema.parse(row);
    connectors.add(parsed[6]);
    return parsed;
  };
  return (row) => {
    const [id, userName, userId, userDomain, admin, internal, connector, connected, updated, request, ended] =
      check(row);
    const rest = {
      active: ended === null || ended >= to,
      admin: admin === 1,
      connector,
      lastRequest: request === null ? null : formats.day(request),
      connected: formats.day(connected),
      updated: formats.day(updated),
    };
    if (internal === 1) return { account: String(id), userName, userId, userDomain, ...rest, internal: true };
    return {
      account: hashAccount(id),
      userName: md5('userName', userName),
      userId: md5('userId', userId),
      userDomain: formats.domain(userDomain),
      ...rest,
      internal: false,
    };
  };
}
