import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../src-shared/errors.ts';
import { clientIdSchema } from '../../src-shared/model/clientId.ts';
import { fingerprintSchema } from '../../src-shared/model/hostKey.ts';
import { portRangeSchema } from '../../src-shared/model/ports.ts';
import { instantSchema } from '../../src-shared/model/time.ts';
import { tenantsPath } from './authorization.ts';
import { isMissing, fileError } from './fileErrors.ts';
import { writeFileAtomically } from './atomicFile.ts';
import { announcementsFolder, endingsFolder } from './sessionRecords.ts';

/** A tenant as stored. Public keys only. `ports` are kept while suspended; `quota` is then 0. */
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
    }),
  ),
  createdAt: instantSchema,
  changedAt: instantSchema,
});
export type StoredTenant = z.infer<typeof storedTenantSchema>;

const stateSchema = z.strictObject({ format: z.literal(1), tenants: z.array(storedTenantSchema) });

/** All tenants, sorted by name. A missing file is an appliance without tenants; a wrong one is COMMAND_FAILED. */
export async function loadTenants(stateFolder: string): Promise<StoredTenant[]> {
  const path = tenantsPath(stateFolder);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError(path, error);
  }
  try {
    return stateSchema.parse(JSON.parse(text)).tenants;
  } catch (cause) {
    throw new AppError('COMMAND_FAILED', `${path} is damaged; nothing was changed`, { cause });
  }
}

/** Replaces all tenants at once. Only while the state lock is held. The group may read, for the log-in path. */
export async function saveTenants(stateFolder: string, tenants: readonly StoredTenant[]): Promise<void> {
  const path = tenantsPath(stateFolder);
  const sorted = tenants.toSorted((a, b) => (a.clientId < b.clientId ? -1 : 1));
  try {
    await writeFileAtomically({
      path,
      data: `${JSON.stringify(stateSchema.parse({ format: 1, tenants: sorted }), null, 1)}\n`,
      mode: 0o640,
    });
  } catch (error) {
    throw fileError(path, error);
  }
}

const unfinished = /\.[0-9a-f-]{36}\.new$/;
/** The run folder is written without the lock: what is younger may be in the middle of being written. */
const abandonedAfterMs = 60_000;
const runFolders = ['auth', 'sessions', announcementsFolder, endingsFolder];

/** Removes what killed commands left beside state and records. Only while the state lock is held. */
export async function sweepUnfinished(folders: {
  stateFolder: string;
  runFolder: string;
  now: number;
}): Promise<void> {
  const { stateFolder, runFolder, now } = folders;
  for (const name of await readdir(stateFolder))
    if (unfinished.test(name)) await rm(join(stateFolder, name), { force: true });
  for (const folder of runFolders.map((name) => join(runFolder, name)))
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
