import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import { hourMs, instantSchema } from '../../../src-shared/base/time.ts';
import type { GroupKey } from '../../../src-shared/model/tenants/groupKeys.ts';
import { deadlineAfter, isExpired, type Moment } from '../licence/moment.ts';
import { fileError, isMissing } from '../state/fileErrors.ts';
import { uptimeSchema } from '../state/uptimeSchema.ts';
import { listRecords, readRecord, removeRecord, writeRecord } from '../state/runRecords.ts';
import { loadPrivateKey, loadPublicKey } from '../secrets/secretKeys.ts';
import { openSecret, sealedSecretSchema, sealSecret } from '../secrets/sealedSecret.ts';

/*
 * Each group of a tenant's repositories has a key, which trusted users must present **[doc]**. It is created when
 * Connect first announces the group. One file for each group, because the service creates keys without the lock.
 */

/** Folder in the state folder. The service writes it, and the API's group reads it to verify keys. */
export const groupKeysFolder = 'group-keys';

const digestSchema = z.string().regex(/^[\da-f]{64}$/);
const kind = {
  schema: z.strictObject({
    format: z.literal(1),
    clientId: z.string(),
    group: z.string(),
    createdAt: instantSchema,
    rotatedAt: instantSchema.nullable(),
    sealed: sealedSecretSchema,
    /** SHA-256 of the key. The key is random with 256 bits, so that it can't be guessed from its hash. */
    sha256: digestSchema,
    /** The key before the last rotation, while it is still accepted. */
    previous: z
      .strictObject({
        sha256: digestSchema,
        validUntil: instantSchema,
        /** The same deadline as an uptime. Null from an earlier kit. */
        whileRunning: uptimeSchema.nullable().default(null),
      })
      .nullable(),
  }),
  maxBytes: 16 * 1024,
};
type Stored = z.infer<typeof kind.schema>;

/** Maximum number of groups of one tenant that get a key, so that a tenant can't fill the disk **[ours]**. */
const maxGroups = 256;
const keyPrefix = 'sgk_';

type Tenant = { stateFolder: string; clientId: string };
type Group = Tenant & { group: string };

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const folderOf = (stateFolder: string) => join(stateFolder, groupKeysFolder);

function pathOf({ stateFolder, clientId, group }: Group): string {
  return join(folderOf(stateFolder), `${clientId}.${sha256(group).slice(0, 16)}.json`);
}

/** An earlier kit made no folder; then there are no keys. */
function listKeys(stateFolder: string, name: RegExp): string[] {
  try {
    return listRecords(folderOf(stateFolder), name);
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError(folderOf(stateFolder), error);
  }
}

function pathsOf({ stateFolder, clientId }: Tenant): string[] {
  const name = new RegExp(String.raw`^${clientId.replaceAll('.', String.raw`\.`)}\.[\da-f]{16}\.json$`);
  return listKeys(stateFolder, name);
}

function store(record: Group, parts: Pick<Stored, 'createdAt' | 'rotatedAt' | 'previous'>): void {
  const { stateFolder, clientId, group } = record;
  const key = `${keyPrefix}${randomBytes(32).toString('base64url')}`;
  const sealed = sealSecret(key, loadPublicKey(stateFolder));
  const stored: Stored = { format: 1, clientId, group, ...parts, sealed, sha256: sha256(key) };
  writeRecord(pathOf(record), stored);
}

/** Creates a key for each new group of the tenant. Throws if the public key or the folder is missing. */
export function createGroupKeys(tenant: Tenant & { groups: readonly string[]; now: number }): void {
  const { stateFolder, clientId, groups, now } = tenant;
  // Not `readRecord`: a key that this user can't read, or a damaged one, must not be replaced.
  const missing = [...new Set(groups)].filter(
    (group) => !existsSync(pathOf({ stateFolder, clientId, group })),
  );
  if (missing.length === 0) return;
  const room = maxGroups - pathsOf(tenant).length;
  for (const group of missing.slice(0, Math.max(0, room)))
    store(
      { stateFolder, clientId, group },
      { createdAt: new Date(now).toISOString(), rotatedAt: null, previous: null },
    );
}

function load(place: Group): Stored {
  const stored = readRecord(pathOf(place), kind);
  if (stored !== null && stored.group === place.group && stored.clientId === place.clientId) return stored;
  throw new AppError('NOT_FOUND', `${place.clientId} has no key for a group ${place.group}`);
}

/** The key before the last rotation, while the overlap lasts. */
function findPrevious({ previous }: Stored, moment: Moment): NonNullable<Stored['previous']> | null {
  if (previous === null) return null;
  const { validUntil, whileRunning } = previous;
  return isExpired({ expiresAt: validUntil, whileRunning }, moment) ? null : previous;
}

function describeKey(stored: Stored, moment: Moment): GroupKey {
  const { clientId, group, createdAt, rotatedAt } = stored;
  return {
    clientId,
    group,
    createdAt,
    rotatedAt,
    mask: `${keyPrefix}${'•'.repeat(8)}`,
    previousUntil: findPrevious(stored, moment)?.validUntil ?? null,
  };
}

/** All keys, or those of one tenant, without the keys themselves. Sorted by tenant and group. */
export function listGroupKeys(options: {
  stateFolder: string;
  clientId: string | null;
  moment: Moment;
}): GroupKey[] {
  const { stateFolder, clientId, moment } = options;
  const paths =
    clientId === null ? listKeys(stateFolder, /\.[\da-f]{16}\.json$/) : pathsOf({ stateFolder, clientId });
  return paths
    .flatMap((path) => readRecord(path, kind) ?? [])
    .map((stored) => describeKey(stored, moment))
    .toSorted((a, b) => (`${a.clientId}\0${a.group}` < `${b.clientId}\0${b.group}` ? -1 : 1));
}

/** Decrypts the key. Needs the private key. Throws NOT_FOUND for an unknown group. */
export function showGroupKey(place: Group): string {
  const stored = load(place);
  const key = openSecret(stored.sealed, loadPrivateKey(place.stateFolder));
  if (sha256(key) === stored.sha256) return key;
  throw new AppError('COMMAND_FAILED', 'the group key is damaged; rotate creates a new one');
}

/** Replaces the key. The old key stays accepted for `overlapHours`. Throws NOT_FOUND for an unknown group. */
export function rotateGroupKey(place: Group & { overlapHours: number; moment: Moment }): GroupKey {
  const { overlapHours, moment, ...group } = place;
  const { createdAt, sha256: replaced } = load(group);
  const { expiresAt: validUntil, whileRunning } = deadlineAfter(moment, overlapHours * hourMs);
  const previous = overlapHours === 0 ? null : { sha256: replaced, validUntil, whileRunning };
  store(group, { createdAt, rotatedAt: new Date(moment.trusted).toISOString(), previous });
  return describeKey(load(group), moment);
}

/** Whether `key` is the group's key, or its previous one within the overlap. Throws NOT_FOUND for an unknown group. */
export function isGroupKey(place: Group & { key: string; moment: Moment }): boolean {
  const { key, moment, ...group } = place;
  const stored = load(group);
  const digest = Buffer.from(sha256(key), 'hex');
  const previous = findPrevious(stored, moment);
  const accepted = [stored.sha256, ...(previous === null ? [] : [previous.sha256])];
  return accepted.some((hex) => timingSafeEqual(Buffer.from(hex, 'hex'), digest));
}

export function forgetGroupKeys(tenant: Tenant): void {
  for (const path of pathsOf(tenant)) removeRecord(path);
}
