import { licenceStates, type LicenceShowOutput } from '../../src-shared/model/licence/licence.ts';
import { countPorts } from '../../src-shared/model/tenants/ports.ts';
import type { PublicKey } from '../../src-shared/model/tenants/publicKey.ts';
import { maxTenantKeys } from '../../src-shared/model/tenants/listLimits.ts';
import {
  countUnplaced,
  type Tenant,
  type TenantSession,
} from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { TenantAction, TenantPlan } from '../../src-shared/model/tenants/tenantPlan.ts';
import { ageMs, formatDuration, dayMs } from '../../src-shared/base/time.ts';

/** A tenant counts as in use if its last session ended less than this time ago. */
const recentMs = 7 * dayMs;

export type PlanContext = {
  applianceName: string;
  now: number;
  licence: LicenceShowOutput | null;
  /** The cluster of the appliance and the names of its other members. Null if it is in no cluster. */
  cluster: { name: string; others: readonly string[] } | null;
  /** Returns the tenants of other appliances that have this key. */
  keyElsewhere: (fingerprint: string) => readonly { applianceName: string; clientId: string }[];
};

/** Whether the change needs a valid licence: new tenants and more ports do, a new key does not. */
function needsLicence(action: TenantAction, tenant: Tenant | null): boolean {
  switch (action.kind) {
    case 'add':
      return tenant === null;
    case 'change':
    case 'resume':
      return action.quota > countPorts(tenant?.ports ?? []);
    case 'rotate':
    case 'suspend':
    case 'remove':
    case 'release':
      return false;
  }
}

function licenceWarning(
  action: TenantAction,
  tenant: Tenant | null,
  licence: LicenceShowOutput | null,
): string | null {
  if (licence === null || !needsLicence(action, tenant)) return null;
  const { allowsGrowth, label } = licenceStates[licence.state];
  return allowsGrowth ? null : `The licence is ${label} (${licence.reason}): the appliance will refuse this.`;
}

/** Warns that the tenant exists, because the operator may have wanted to add a new tenant. */
function existingTenantWarning({ clientId, keys, suspended }: Tenant): string {
  const [valid, after] = [keys.length, keys.length + 1];
  const state = suspended ? ' It is suspended. It can’t log in until it is resumed.' : '';
  return `${clientId} already exists with ${valid === 1 ? '1 valid key' : `${valid} valid keys`}. This change adds a key, which makes ${after} (at most ${maxTenantKeys}). To replace the old keys, rotate instead.${state}`;
}

function keyWarnings(input: {
  action: Extract<TenantAction, { kind: 'add' | 'rotate' }>;
  tenant: Tenant | null;
  key: PublicKey | null;
  planContext: PlanContext;
}): (string | null)[] {
  const { action, tenant, key, planContext } = input;
  const elsewhere =
    key === null
      ? []
      : planContext
          .keyElsewhere(key.fingerprint)
          .filter((one) => one.clientId !== action.clientId)
          .map((one) => `${one.clientId} on ${one.applianceName}`);
  const hasItAlready = tenant?.keys.some((one) => one.fingerprint === key?.fingerprint) === true;
  return [
    action.kind === 'add' && tenant !== null ? existingTenantWarning(tenant) : null,
    key === null
      ? 'The appliance generates the key pair. The private key is shown once, right after the change, and is not stored: have a secure way ready to send it to the tenant. Using the tenant’s own public key is safer.'
      : null,
    elsewhere.length > 0 ? `This key is also used by ${elsewhere.join(', ')}.` : null,
    hasItAlready ? `${action.clientId} already has this key.` : null,
    action.kind !== 'rotate' || hasItAlready
      ? null
      : action.overlapHours === null
        ? 'Clients that have only the old key can’t log in from then on.'
        : `After ${action.overlapHours} h, clients that have only the old key can’t log in, and their sessions end.`,
  ];
}

function useWarning(input: {
  action: TenantAction;
  tenant: Tenant | null;
  ends: TenantPlan['ends'];
  now: number;
}): string | null {
  const { action, tenant, ends, now } = input;
  if ((action.kind !== 'remove' && action.kind !== 'suspend') || ends.length > 0) return null;
  const endedAt = tenant?.lastSession?.endedAt;
  if (endedAt === undefined || ageMs(endedAt, now) > recentMs) return null;
  return `The tenant has no session now. Its last session ended ${formatDuration(ageMs(endedAt, now))} ago.`;
}

/**
 * Warns that more ports are usable only after the next login, because stock sshd fixes a session's ports at
 * login **[ours]**. Connect logs in again when it needs a new port, which interrupts all its tunnels.
 */
function newLoginWarnings(action: TenantAction, tenant: Tenant | null): string[] {
  if (action.kind !== 'change' || tenant === null || action.quota <= countPorts(tenant.ports)) return [];
  const isOf = (kind: TenantSession['kind']) => tenant.sessions.some((session) => session.kind === kind);
  const waiting = countUnplaced(tenant);
  return [
    isOf('connect')
      ? waiting > 0
        ? `New ports need a new login. Connect needs them for ${waiting === 1 ? '1 repository' : `${waiting} repositories`} and logs in again immediately. All its tunnels go down briefly, and connections through them break.`
        : 'New ports need a new login. Connect logs in again once it has more repositories than its session has ports. All its tunnels then go down briefly, and connections through them break.'
      : null,
    isOf('plain') ? 'A plain OpenSSH client keeps its current ports until it logs in again.' : null,
  ].flatMap((warning) => warning ?? []);
}

/** Lists the risks and side effects of a change as sentences. */
export function planWarnings(input: {
  action: TenantAction;
  tenant: Tenant | null;
  key: PublicKey | null;
  ends: TenantPlan['ends'];
  planContext: PlanContext;
}): string[] {
  const { action, tenant, planContext } = input;
  const { cluster } = planContext;
  return [
    licenceWarning(action, tenant, planContext.licence),
    ...(action.kind === 'add' || action.kind === 'rotate' ? keyWarnings({ ...input, action }) : []),
    useWarning({ ...input, now: planContext.now }),
    ...newLoginWarnings(action, tenant),
    action.kind === 'release'
      ? `Process ${action.pid} is ended only if it is a tenant’s sshd: the appliance refuses to end other processes.`
      : null,
    cluster === null || cluster.others.length === 0 || action.kind === 'release'
      ? null
      : `${planContext.applianceName} is a member of the cluster ${cluster.name}. This changes only ${planContext.applianceName}. Check afterwards that ${cluster.others.join(', ')} show the same.`,
  ].flatMap((warning) => warning ?? []);
}
