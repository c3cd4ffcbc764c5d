import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import { clientIdSchema } from '../../../src-shared/model/tenants/clientId.ts';
import { fingerprintSchema } from '../../../src-shared/model/appliance/hostKey.ts';
import { portRangeSchema } from '../../../src-shared/model/tenants/ports.ts';
import { instantSchema, minuteMs } from '../../../src-shared/base/time.ts';
import { tenantsPath } from '../tenants/authorization.ts';
import { isMissing, fileError } from './fileErrors.ts';
import { announcementsFolder } from '../sessions/announcements.ts';
import { dialFailuresFolder } from '../sessions/dialFailures.ts';
import { groupKeysFolder } from '../tenants/groupKeys.ts';
import { uptimeSchema } from './uptimeSchema.ts';
import { portMemoryFolder } from '../sessions/portMemory.ts';
import { commandEndsFolder, sessionEndsFolder } from '../sessions/sessionRecords.ts';
import { replaceFile } from '../../../src-shared/node/files.ts';

/**
 * A tenant in the state file, with public keys only. A suspended tenant keeps its `ports`, and its `quota` is
 * 0.
 */
const storedTenantSchema = z.strictObject({
  clientId: clientIdSchema,
  quota: z.int().nonnegative(),
  suspended: z.boolean(),
  ports: z.array(portRangeSchema),
  keys: z.array(
    z.strictObject({
      type: z.string().regex(/^[a-z0-9@.-]{1,64}$/),
      blob: z.base64(),
      fingerprint: fingerprintSchema,
      addedAt: instantSchema,
      /** When the key expires, if it was replaced with an overlap. Null for a key that stays valid. */
      expiresAt: instantSchema.nullable().default(null),
      /** The same deadline as an uptime, which changes of the clock don't affect. */
      whileRunning: uptimeSchema.nullable().default(null),
    }),
  ),
  createdAt: instantSchema,
  changedAt: instantSchema,
});
export type StoredTenant = z.infer<typeof storedTenantSchema>;

/**
 * A key that a tenant had before. A login with it is then reported for that tenant and not as an unknown key.
 */
const formerKeySchema = z.strictObject({
  fingerprint: fingerprintSchema,
  clientId: clientIdSchema,
  endedAt: instantSchema,
});
type FormerKey = z.infer<typeof formerKeySchema>;

/**
 * Maximum number of former keys, the oldest are dropped. Limited, because every login reads the file
 * **[ours]**.
 */
const maxFormerKeys = 500;

const storedTenants = z.array(storedTenantSchema);
/** Format 1 has no deadlines and no former keys. It can still be read; the next change writes format 2. */
const stateSchema = z.discriminatedUnion('format', [
  z.strictObject({ format: z.literal(1), tenants: storedTenants }),
  z.strictObject({ format: z.literal(2), tenants: storedTenants, formerKeys: z.array(formerKeySchema) }),
]);

export type State = { tenants: StoredTenant[]; formerKeys: FormerKey[] };

/**
 * Tenants are sorted by name. A missing file means that there are no tenants. Throws COMMAND_FAILED if the
 * file is invalid.
 */
export async function loadState(stateFolder: string): Promise<State> {
  const path = tenantsPath(stateFolder);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return { tenants: [], formerKeys: [] };
    throw fileError(path, error);
  }
  try {
    const state = stateSchema.parse(JSON.parse(text));
    return { tenants: state.tenants, formerKeys: state.format === 1 ? [] : state.formerKeys };
  } catch (cause) {
    throw new AppError('COMMAND_FAILED', `${path} is damaged; nothing was changed`, { cause });
  }
}

/**
 * Replaces the state file atomically. Call it only while holding the lock. The file's group may read it, for
 * the login path.
 */
export async function saveState(stateFolder: string, state: State): Promise<void> {
  const path = tenantsPath(stateFolder);
  const tenants = state.tenants.toSorted((a, b) => (a.clientId < b.clientId ? -1 : 1));
  const current = new Set(tenants.flatMap((tenant) => tenant.keys.map((key) => key.fingerprint)));
  const formerKeys = state.formerKeys.filter((key) => !current.has(key.fingerprint)).slice(-maxFormerKeys);
  try {
    replaceFile({
      path,
      data: `${JSON.stringify(stateSchema.parse({ format: 2, tenants, formerKeys }), null, 1)}\n`,
      mode: 0o640,
      isDurable: true,
    });
  } catch (error) {
    throw fileError(path, error);
  }
}

/**
 * Adds keys of `clientId` to the former keys. A key that several tenants had belongs to the last of them.
 */
export function addFormerKeys(
  state: State,
  gone: { clientId: string; fingerprints: readonly string[]; endedAt: string },
): FormerKey[] {
  const { clientId, fingerprints, endedAt } = gone;
  return [
    ...state.formerKeys.filter((key) => !fingerprints.includes(key.fingerprint)),
    ...fingerprints.map((fingerprint) => ({ fingerprint, clientId, endedAt })),
  ];
}

const unfinished = /\.[0-9a-f-]{36}\.new$/;
/** The service writes to the run folder without the lock. A younger file may still be in use. */
const abandonedAfterMs = minuteMs;
const runFolders = [
  'auth',
  'sessions',
  announcementsFolder,
  dialFailuresFolder,
  sessionEndsFolder,
  commandEndsFolder,
];

/** Removes incomplete files that killed commands left. Call it only while holding the state lock. */
export async function removeUnfinishedFiles(folders: {
  stateFolder: string;
  runFolder: string;
  now: number;
}): Promise<void> {
  const { stateFolder, runFolder, now } = folders;
  for (const name of await readdir(stateFolder))
    if (unfinished.test(name)) await rm(join(stateFolder, name), { force: true });
  const stateFolders = [portMemoryFolder, groupKeysFolder].map((name) => join(stateFolder, name));
  const written = [...stateFolders, ...runFolders.map((name) => join(runFolder, name))];
  for (const folder of written)
    for (const name of await readdir(folder).catch(() => [])) {
      if (!unfinished.test(name)) continue;
      const path = join(folder, name);
      const written = await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => now,
      );
      if (now - written > abandonedAfterMs) await rm(path, { force: true });
    }
}
