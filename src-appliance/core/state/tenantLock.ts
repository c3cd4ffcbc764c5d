import { AppError } from '../../../src-shared/errors.ts';
import { hasPort } from '../../../src-shared/model/tenants/ports.ts';
import type { Appliance } from '../appliance.ts';
import { exceeds } from '../../../src-shared/model/tenants/allocation.ts';
import { readClock } from '../licence/clock.ts';
import { fileError } from './fileErrors.ts';
import { isExpired, readMoment, type Moment } from '../licence/moment.ts';
import type { ObservedSession, SessionSelection } from '../procfs/runtime.ts';
import { saveSessionEnd } from '../sessions/sessionRecords.ts';
import {
  loadState,
  saveState,
  removeUnfinishedFiles,
  withFormerKeys,
  type State,
  type StoredTenant,
} from './tenantState.ts';

/**
 * The state that a change is based on: the tenant's `changedAt` as the caller last saw it, or null for no such tenant.
 */
export type Basis = string | null;

/** Runs a change exclusively, on the state after the lock was taken. */
export function withStateLock<T>(appliance: Appliance, work: (state: State) => Promise<T>): Promise<T> {
  const { stateFolder, runFolder } = appliance.config;
  return appliance.lock(async () => {
    const loaded = await loadState(stateFolder);
    await removeUnfinishedFiles({ stateFolder, runFolder, now: Date.now() }).catch((cause: unknown) => {
      throw fileError(stateFolder, cause);
    });
    const state = await retireExpiredKeys(appliance, loaded);
    await finishEarlierChanges(appliance, state.tenants);
    return work(state);
  });
}

/** Throws CONFLICT if the tenant differs from what the caller saw, because of another change. */
export function requireUnchanged(
  tenants: readonly StoredTenant[],
  expected: { clientId: string; basis: Basis | undefined },
): void {
  const { clientId, basis } = expected;
  if (basis === undefined) return;
  const tenant = tenants.find((one) => one.clientId === clientId);
  const changedAt = tenant?.changedAt ?? null;
  const isSame =
    basis === null || changedAt === null ? basis === changedAt : Date.parse(basis) === Date.parse(changedAt);
  if (isSame) return;
  if (tenant === undefined) throw new AppError('CONFLICT', `${clientId} was removed in the meantime`);
  throw new AppError('CONFLICT', `${clientId} was changed in the meantime, at ${tenant.changedAt}`);
}

export function requireTenant(tenants: readonly StoredTenant[], clientId: string): StoredTenant {
  const tenant = tenants.find((one) => one.clientId === clientId);
  if (tenant === undefined) throw new AppError('NOT_FOUND', `there is no tenant ${clientId}`);
  return tenant;
}

/** Later than every previous change, even if the clock ran backwards, so that two states of a tenant never share it. */
export function changeInstant(appliance: Appliance, before: StoredTenant | undefined): string {
  const last = before === undefined ? Number.NEGATIVE_INFINITY : Date.parse(before.changedAt);
  return new Date(Math.max(appliance.now(), last + 1)).toISOString();
}

function hasExpiredKey(tenant: StoredTenant, moment: Moment): boolean {
  return tenant.keys.some((key) => isExpired(key, moment));
}

async function momentOf(appliance: Appliance): Promise<Moment> {
  const { stateFolder } = appliance.config;
  const { trusted } = await readClock(stateFolder, appliance.now());
  return { trusted, running: readMoment(stateFolder, appliance.now()).running };
}

/**
 * Removes expired keys and ends their sessions; after that, no change of the clock can make them valid again. Call only
 * while the lock is held.
 */
async function retireExpiredKeys(appliance: Appliance, state: State): Promise<State> {
  if (!state.tenants.some((tenant) => tenant.keys.some((key) => key.expiresAt !== null))) return state;
  const moment = await momentOf(appliance);
  const affected = state.tenants.filter((tenant) => hasExpiredKey(tenant, moment));
  if (affected.length === 0) return state;
  let { formerKeys } = state;
  const retired = affected.map((tenant): StoredTenant => {
    const { clientId } = tenant;
    const fingerprints = tenant.keys
      .filter((key) => isExpired(key, moment))
      .map(({ fingerprint }) => fingerprint);
    const endedAt = new Date(moment.trusted).toISOString();
    formerKeys = withFormerKeys({ ...state, formerKeys }, { clientId, fingerprints, endedAt });
    const keys = tenant.keys.filter((key) => !isExpired(key, moment));
    return { ...tenant, keys, changedAt: changeInstant(appliance, tenant) };
  });
  const next = {
    tenants: [...state.tenants.filter((tenant) => !affected.includes(tenant)), ...retired],
    formerKeys,
  };
  await saveState(appliance.config.stateFolder, next);
  for (const { clientId, keys } of retired)
    await endSessions(appliance, {
      which: { clientId, keepFingerprints: keys.map((key) => key.fingerprint) },
      reason: 'ended: its replaced key expired',
    });
  return next;
}

/** The state without expired keys, for read-only callers. Does not wait long for the lock. */
export async function loadCurrentState(appliance: Appliance): Promise<State> {
  const state = await loadState(appliance.config.stateFolder);
  if (!state.tenants.some((tenant) => tenant.keys.some((key) => key.expiresAt !== null))) return state;
  const moment = await momentOf(appliance);
  if (!state.tenants.some((tenant) => hasExpiredKey(tenant, moment))) return state;
  try {
    return await withStateLock(appliance, async (current) => current);
  } catch (error) {
    // A change is in progress and will end those sessions itself.
    if (error instanceof AppError && error.code === 'BUSY') return state;
    throw error;
  }
}

/**
 * A command that was killed between saving the state and ending sessions leaves forbidden sessions. The next change of
 * any tenant ends them before ports or names go to another tenant.
 */
async function finishEarlierChanges(appliance: Appliance, tenants: readonly StoredTenant[]): Promise<void> {
  const { sessions, listeners } = await appliance.runtime.observe();
  for (const clientId of new Set(sessions.map((session) => session.clientId))) {
    const tenant = tenants.find((one) => one.clientId === clientId);
    if (tenant === undefined) {
      await appliance.runtime.endSessions({ clientId });
      continue;
    }
    const { ports } = tenant;
    const own = sessions.filter((session) => session.clientId === clientId);
    const keepFingerprints = tenant.keys.map((key) => key.fingerprint);
    const reason = 'ended: an earlier change had not ended it';
    if (tenant.suspended) await endSessions(appliance, { which: { clientId }, reason });
    else if (own.some(({ keyFingerprint: key }) => key !== null && !keepFingerprints.includes(key)))
      await endSessions(appliance, { which: { clientId, keepFingerprints }, reason });
    const isBeyond = (session: ObservedSession) =>
      (session.permittedPorts !== null && exceeds(session.permittedPorts, ports)) ||
      listeners.some((listener) => listener.pid === session.pid && !hasPort(ports, listener.port));
    if (own.some(isBeyond)) await endSessions(appliance, { which: { clientId, beyondPorts: ports }, reason });
  }
}

/** Selects like the runtime, as far as a session shows: a session that stays is not one that ended. */
function isChosen(session: ObservedSession, which: SessionSelection): boolean {
  const { keyFingerprint, permittedPorts } = session;
  const { clientId, keepFingerprints = [], beyondPorts } = which;
  if (session.clientId !== clientId) return false;
  if (keyFingerprint !== null && keepFingerprints.includes(keyFingerprint)) return false;
  return beyondPorts === undefined || permittedPorts === null || exceeds(permittedPorts, beyondPorts);
}

/** Ends sessions and records why, for the tenant's list. */
export async function endSessions(
  appliance: Appliance,
  request: { which: SessionSelection; reason: string },
): Promise<number> {
  const { which, reason } = request;
  const { runFolder } = appliance.config;
  // Needed only to report the session afterwards; it is ended even if it can't be described.
  const seen = await appliance.runtime.observe().catch(() => null);
  const ended = await appliance.runtime.endSessions(which);
  if (ended > 0) {
    const peer = seen?.sessions.find((one) => isChosen(one, which));
    const ending = {
      endedAt: new Date(appliance.now()).toISOString(),
      peerAddress: peer?.peerAddress ?? null,
      peerPort: peer?.peerPort ?? null,
      reason,
    };
    await saveSessionEnd({ runFolder, clientId: which.clientId, ending, endedBy: 'command' });
  }
  return ended;
}
