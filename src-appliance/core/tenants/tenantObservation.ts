import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../src-shared/errors.ts';
import { hasPort } from '../../../src-shared/model/tenants/ports.ts';
import type { Appliance } from '../appliance.ts';
import type { ObservedSession } from '../procfs/runtime.ts';
import { loadAnnouncements } from '../sessions/announcements.ts';
import { loadCurrentState } from '../state/tenantLock.ts';
import { listForwards, mergeAnnouncements, selectOwn } from './tenantForwards.ts';

/**
 * State, processes, sockets and records are read one after the other, so an observation may show only a part of
 * a login or of an end. In this time, sshd completes a login, and a command ends a session **[ours]**.
 */
const repeatMs = 350;
/** Limits the time of a list on an appliance whose sessions start and end all the time **[ours]**. */
const maxObservations = 3;

type TenantView = ReturnType<typeof viewTenant>;

function viewTenant({ config }: Appliance, seen: ReturnType<typeof selectOwn>) {
  const { runFolder } = config;
  const announcements = loadAnnouncements({ runFolder, clientId: seen.tenant.clientId });
  return { seen, ...mergeAnnouncements(announcements, seen) };
}

function describeProcess({ pid, startTicks }: ObservedSession): string {
  return `${pid} ${startTicks}`;
}

/**
 * What does not fit together in the view of a tenant: a fault, or a login or an end that was seen in part. Equal
 * texts of two observations are about the same processes.
 */
function findMisfits(view: TenantView): string[] {
  const { tenant, sessions, listeners } = view.seen;
  const ofSessions = sessions.flatMap((session) => [
    ...(tenant.suspended ? [`suspended ${describeProcess(session)}`] : []),
    ...(session.isOrphaned === true ? [`orphaned ${describeProcess(session)}`] : []),
    ...(session.peerAddress === null ? [`without peer ${describeProcess(session)}`] : []),
  ]);
  const ofListeners = listeners.flatMap(({ port, address, pid }) => {
    const isOwn = sessions.some((session) => session.pid === pid);
    return isOwn && hasPort(tenant.ports, port) ? [] : [`held ${address} ${port} ${pid ?? ''}`];
  });
  const absent = listForwards(view.seen, view).filter(
    ({ listener, memberListener }) => listener === null || memberListener === null,
  );
  const newest = sessions.map(describeProcess).join();
  const ofForwards = sessions.length === 0 ? [] : absent.map(({ port }) => `absent ${port} ${newest}`);
  return [...ofSessions, ...ofListeners, ...ofForwards];
}

async function observeOnce(appliance: Appliance, clientId: string | null) {
  const { tenants: stored, formerKeys } = await loadCurrentState(appliance);
  const wanted = clientId === null ? stored : stored.filter((tenant) => tenant.clientId === clientId);
  if (clientId !== null && wanted.length === 0)
    throw new AppError('NOT_FOUND', `there is no tenant ${clientId}`);
  const observation = await appliance.runtime.observe();
  const views = wanted.map((tenant) => {
    const view = viewTenant(appliance, selectOwn(tenant, observation, appliance.config.listenAddress));
    return { view, misfits: findMisfits(view) };
  });
  return { stored, formerKeys, views };
}

type TenantObservation = Awaited<ReturnType<typeof observeOnce>>;

/** The tenants in whose views something does not fit that the earlier observation did not show. */
function findUnconfirmed(present: TenantObservation, earlier: TenantObservation | null): Set<string> {
  const shown = new Set(earlier?.views.flatMap(({ misfits }) => misfits));
  return new Set(
    present.views.flatMap(({ view, misfits }) =>
      misfits.some((misfit) => !shown.has(misfit)) ? [view.seen.tenant.clientId] : [],
    ),
  );
}

/**
 * All tenants, or only the named tenant, with what is seen of each. What does not fit together counts only if two
 * observations show it; until then, the earlier view of the tenant counts. Usually one observation is enough.
 * Throws NOT_FOUND if the named tenant doesn't exist.
 */
export async function observeTenants(appliance: Appliance, clientId: string | null) {
  let earlier: TenantObservation | null = null;
  let present = await observeOnce(appliance, clientId);
  let unconfirmed = findUnconfirmed(present, earlier);
  for (let count = 1; unconfirmed.size > 0 && count < maxObservations; count += 1) {
    await delay(repeatMs);
    earlier = present;
    present = await observeOnce(appliance, clientId);
    unconfirmed = findUnconfirmed(present, earlier);
  }
  const fitting = new Map(
    earlier?.views.flatMap(({ view, misfits }) =>
      misfits.length === 0 ? [[view.seen.tenant.clientId, view] as const] : [],
    ),
  );
  const views = present.views.map(({ view }) => {
    const { clientId: id } = view.seen.tenant;
    return unconfirmed.has(id) ? (fitting.get(id) ?? view) : view;
  });
  return { stored: present.stored, formerKeys: present.formerKeys, views };
}
