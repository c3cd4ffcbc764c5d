import { AppError } from '../../../src-shared/errors.ts';
import { hasPort } from '../../../src-shared/model/tenants/ports.ts';
import type { Appliance } from '../appliance.ts';
import { hasPortOutside } from '../../../src-shared/model/tenants/allocation.ts';
import { readClock } from '../licence/clock.ts';
import { fileError } from './fileErrors.ts';
import { isExpired, readMoment, type Moment } from '../licence/moment.ts';
import type { ObservedSession, SessionSelection } from '../procfs/runtime.ts';
import { saveSessionEnd } from '../sessions/sessionRecords.ts';
import {
  loadState,
  saveState,
  removeUnfinishedFiles,
  addFormerKeys,
  type State,
  type StoredTenant,
} from './tenantState.ts';

/**
 * The state on which a change is based: the tenant's `changedAt` as the caller last saw it. Null if there was
 * no such tenant.
 */
export type ChangeBasis = string | null;

/** Runs a change while holding the lock, with the state that was read after the lock was taken. */
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

/** Throws CONFLICT if another change has modified the tenant since the caller saw it. */
export function requireUnchanged(
  tenants: readonly StoredTenant[],
  expected: { clientId: string; basis: ChangeBasis | undefined },
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

/**
 * Returns an instant after every previous change, even if the clock ran backwards. So two states of a tenant
 * never have the same `changedAt`.
 */
export function nextChangeInstant(appliance: Appliance, before: StoredTenant | undefined): string {
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
 * Removes expired keys and ends their sessions, so that no change of the clock can make the keys valid again.
 * Call it only while holding the lock.
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
    formerKeys = addFormerKeys({ ...state, formerKeys }, { clientId, fingerprints, endedAt });
    const keys = tenant.keys.filter((key) => !isExpired(key, moment));
    return { ...tenant, keys, changedAt: nextChangeInstant(appliance, tenant) };
  });
  const next = {
    tenants: [...state.tenants.filter((tenant) => !affected.includes(tenant)), ...retired],
    formerKeys,
  };
  await saveState(appliance.config.stateFolder, next);
  for (const { clientId, keys } of retired)
    await endSessions(appliance, {
      which: { clientId, keepFingerprints: keys.map((key) => key.fingerprint) },
      reason: 'ended: its old key expired',
    });
  return next;
}

/** The state without expired keys, for callers that only read. Waits only briefly for the lock. */
export async function loadCurrentState(appliance: Appliance): Promise<State> {
  const state = await loadState(appliance.config.stateFolder);
  if (!state.tenants.some((tenant) => tenant.keys.some((key) => key.expiresAt !== null))) return state;
  const moment = await momentOf(appliance);
  if (!state.tenants.some((tenant) => hasExpiredKey(tenant, moment))) return state;
  try {
    return await withStateLock(appliance, async (current) => current);
  } catch (error) {
    // Another change is running and will end these sessions.
    if (error instanceof AppError && error.code === 'BUSY') return state;
    throw error;
  }
}

/**
 * Ends sessions that are no longer allowed, because a command was killed after it saved the state. Every
 * change does this first, before ports or names go to another tenant.
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
    const reason = 'ended: an earlier change was interrupted before it could end this session';
    if (tenant.suspended) await endSessions(appliance, { which: { clientId }, reason });
    else if (own.some(({ keyFingerprint: key }) => key !== null && !keepFingerprints.includes(key)))
      await endSessions(appliance, { which: { clientId, keepFingerprints }, reason });
    const isBeyond = (session: ObservedSession) =>
      (session.permittedPorts !== null && hasPortOutside(session.permittedPorts, ports)) ||
      listeners.some((listener) => listener.pid === session.pid && !hasPort(ports, listener.port));
    if (own.some(isBeyond)) await endSessions(appliance, { which: { clientId, beyondPorts: ports }, reason });
  }
}

/**
 * Whether the runtime will end this session, as far as its data shows. Only such a session may be reported as
 * ended.
 */
function isSelected(session: ObservedSession, which: SessionSelection): boolean {
  const { keyFingerprint, permittedPorts } = session;
  const { clientId, keepFingerprints = [], beyondPorts } = which;
  if (session.clientId !== clientId) return false;
  if (keyFingerprint !== null && keepFingerprints.includes(keyFingerprint)) return false;
  return beyondPorts === undefined || permittedPorts === null || hasPortOutside(permittedPorts, beyondPorts);
}

/** Ends sessions and records the reason, which the tenant's session list shows. */
export async function endSessions(
  appliance: Appliance,
  request: { which: SessionSelection; reason: string },
): Promise<number> {
  const { which, reason } = request;
  const { runFolder } = appliance.config;
  // Used only in the report. End the sessions even if they can't be observed.
  const seen = await appliance.runtime.observe().catch(() => null);
  const ended = await appliance.runtime.endSessions(which);
  if (ended > 0) {
    const peer = seen?.sessions.find((one) => isSelected(one, which));
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
