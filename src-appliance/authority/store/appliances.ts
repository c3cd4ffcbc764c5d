import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { instantSchema } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { publicKeySchema } from '../../../src-shared/model/licence/documents.ts';
import {
  configurationRevisionSchema,
  licencePayloadSchema,
  maxRevisionSettings,
  type ConfigurationRevision,
} from '../../../src-shared/model/licence/licence.ts';
import { contractSchema, type Contract } from './contract.ts';
import type { AuthorityDatabase } from './database.ts';
import { jsonColumn, type AuthorityLog } from './log.ts';

export const applianceRecordSchema = z.object({
  id: licencePayloadSchema.shape.applianceId,
  name: z.string(),
  licenceKey: licencePayloadSchema.shape.key,
  contract: jsonColumn(contractSchema),
  /** The sequence of the last licence, 0 if none was issued. */
  sequence: z.int().nonnegative(),
  /** The appliance's own public key, null until its first request. */
  identity: publicKeySchema.shape.x.nullable(),
  identityPinnedAt: instantSchema.nullable(),
  revokedAt: instantSchema.nullable(),
  createdAt: instantSchema,
});
export type ApplianceRecord = z.infer<typeof applianceRecordSchema>;

export type NewAppliance = Pick<ApplianceRecord, 'id' | 'name' | 'contract'> & {
  licenceKey?: string;
  /** The appliance's own public key if it is known already. */
  identity?: string | null;
  /** The highest sequence that another authority issued before. */
  sequence?: number;
};
export type ApplianceChanges = {
  name?: string;
  contract?: Contract;
  /** Changed settings of `/data/kloudless.yml` by dotted path; null removes one. */
  settings?: ConfigurationRevision['set'];
  forgetIdentity?: boolean;
  reinstate?: boolean;
};

export type ApplianceStore = {
  list: () => ApplianceRecord[];
  /** Finds an appliance by name, ID or licence key. Throws NOT_FOUND. */
  find: (nameOrId: string) => ApplianceRecord;
  /** Throws ALREADY_EXISTS. */
  add: (appliance: NewAppliance) => ApplianceRecord;
  change: (id: string, changes: ApplianceChanges) => ApplianceRecord;
  /** Call it in a transaction. */
  pinIdentity: (id: string, identity: string) => void;
  revoke: (id: string) => ApplianceRecord;
  /** The newest revision number, 0 without one. */
  revisionOf: (id: string) => number;
  /** Everything that changed since `revision`, as one revision. Null if nothing changed. */
  changesSince: (id: string, revision: number) => ConfigurationRevision | null;
};

function makeLicenceKey(): string {
  const blocks = randomBytes(8).toString('hex').toUpperCase().match(/.{4}/gu) ?? [];
  return ['SP', ...blocks].join('-');
}

export function createApplianceStore(
  database: AuthorityDatabase,
  log: AuthorityLog,
  now: () => number,
): ApplianceStore {
  const isoNow = () => new Date(now()).toISOString();
  const find = (nameOrId: string): ApplianceRecord => {
    const found = database.first(
      applianceRecordSchema,
      'SELECT * FROM appliance WHERE ? IN (id, name, licenceKey) ORDER BY id = ? DESC, name = ? DESC',
      nameOrId,
      nameOrId,
      nameOrId,
    );
    if (found === null)
      throw new AppError('NOT_FOUND', 'The authority knows no appliance with this name, ID or licence key.');
    return found;
  };
  const checkFree = (column: 'id' | 'name' | 'licenceKey', value: string) => {
    const sql = `SELECT * FROM appliance WHERE ${column} = ?`;
    const found = database.first(applianceRecordSchema, sql, value);
    if (found !== null)
      throw new AppError('ALREADY_EXISTS', `The appliance ${found.name} already has this ${column}.`);
  };
  const pinIdentity = (id: string, identity: string): void => {
    database.run(
      'UPDATE appliance SET identity = ?, identityPinnedAt = ? WHERE id = ?',
      identity,
      isoNow(),
      id,
    );
    log.append('identity-pinned', id, { identity });
  };
  const revisions = createRevisionStore(database, isoNow);
  return {
    list: () => database.all(applianceRecordSchema, 'SELECT * FROM appliance ORDER BY name'),
    find,
    add: ({ id, name, contract, licenceKey = makeLicenceKey(), sequence = 0, identity = null }) =>
      database.write(() => {
        checkFree('id', id);
        checkFree('name', name);
        checkFree('licenceKey', licenceKey);
        database.run(
          'INSERT INTO appliance (id, name, licenceKey, contract, sequence, createdAt) VALUES (?, ?, ?, ?, ?, ?)',
          id,
          name,
          licenceKey,
          JSON.stringify(contractSchema.parse(contract)),
          sequence,
          isoNow(),
        );
        log.append('appliance-added', id, { name, contract });
        if (identity !== null) pinIdentity(id, identity);
        return find(id);
      }),
    change: (id, { name, contract, settings, forgetIdentity, reinstate }) =>
      database.write(() => {
        const before = find(id);
        if (name !== undefined && name !== before.name) {
          checkFree('name', name);
          database.run('UPDATE appliance SET name = ? WHERE id = ?', name, id);
          log.append('appliance-changed', id, { name });
        }
        if (contract !== undefined) {
          const json = JSON.stringify(contractSchema.parse(contract));
          database.run('UPDATE appliance SET contract = ? WHERE id = ?', json, id);
          log.append('appliance-changed', id, { contract });
        }
        if (settings !== undefined)
          log.append('appliance-changed', id, { revision: revisions.add(id, settings), settings });
        if (forgetIdentity === true && before.identity !== null) {
          database.run('UPDATE appliance SET identity = NULL, identityPinnedAt = NULL WHERE id = ?', id);
          log.append('identity-forgotten', id, { identity: before.identity });
        }
        if (reinstate === true && before.revokedAt !== null) {
          database.run('UPDATE appliance SET revokedAt = NULL WHERE id = ?', id);
          log.append('appliance-reinstated', id, {});
        }
        return find(id);
      }),
    pinIdentity,
    revoke: (id) =>
      database.write(() => {
        if (find(id).revokedAt === null) {
          database.run('UPDATE appliance SET revokedAt = ? WHERE id = ?', isoNow(), id);
          log.append('appliance-revoked', id, {});
        }
        return find(id);
      }),
    revisionOf: revisions.newest,
    changesSince: revisions.changesSince,
  };
}

const revisionRowSchema = z.object({
  revision: configurationRevisionSchema.shape.revision,
  settings: jsonColumn(configurationRevisionSchema.shape.set),
});

const mergeSettings = (rows: readonly z.infer<typeof revisionRowSchema>[]): ConfigurationRevision['set'] =>
  Object.assign({}, ...rows.map(({ settings }) => settings));

/** With the most connectors and in base64, a licence with them stays below the limit of a document **[ours]**. */
const maxSettingsBytes = 24 * 1024;

/**
 * The settings of all revisions go to an appliance that has none of them, in one licence. Throws INVALID_INPUT if they
 * would not fit, because the appliance would refuse it.
 */
function requireFitting(settings: ConfigurationRevision['set']): void {
  const [count, bytes] = [Object.keys(settings).length, Buffer.byteLength(JSON.stringify(settings))];
  if (count <= maxRevisionSettings && bytes <= maxSettingsBytes) return;
  throw new AppError(
    'INVALID_INPUT',
    `With these, the appliance would have ${count} changed settings of ${bytes} bytes. One licence carries at most ${maxRevisionSettings} settings and ${maxSettingsBytes} bytes.`,
  );
}

function createRevisionStore(database: AuthorityDatabase, isoNow: () => string) {
  const rows = (id: string, after: number) =>
    database.all(
      revisionRowSchema,
      'SELECT revision, settings FROM revision WHERE applianceId = ? AND revision > ? ORDER BY revision',
      id,
      after,
    );
  const newest = (id: string) => rows(id, 0).at(-1)?.revision ?? 0;
  return {
    newest,
    add: (id: string, settings: ConfigurationRevision['set']): number => {
      const revision = newest(id) + 1;
      requireFitting({ ...mergeSettings(rows(id, 0)), ...settings });
      database.run(
        'INSERT INTO revision (applianceId, revision, settings, createdAt) VALUES (?, ?, ?, ?)',
        id,
        revision,
        JSON.stringify(configurationRevisionSchema.shape.set.parse(settings)),
        isoNow(),
      );
      return revision;
    },
    changesSince: (id: string, after: number): ConfigurationRevision | null => {
      const changes = rows(id, after);
      const last = changes.at(-1);
      if (last === undefined) return null;
      return { revision: last.revision, set: mergeSettings(changes) };
    },
  };
}
