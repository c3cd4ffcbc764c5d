import { portCount } from '../../../../src-shared/model/tenants/ports.ts';
import type {
  TenantAction,
  TenantOutcome,
  TenantPlan,
} from '../../../../src-shared/model/tenants/tenantPlan.ts';

type Words = { title: string; verb: string; isDestructive: boolean };

/**
 * The title of a change and the label of its button. `isExisting`: the tenant was already on the appliance.
 */
export function wordsOf(action: TenantAction, isExisting = false): Words {
  const { clientId } = action;
  switch (action.kind) {
    case 'add':
      if (isExisting) return { title: `Add a key to ${clientId}`, verb: 'Add key', isDestructive: false };
      return { title: `Add ${clientId}`, verb: 'Add tenant', isDestructive: false };
    case 'rotate':
      return { title: `Rotate the key of ${clientId}`, verb: 'Rotate key', isDestructive: false };
    case 'change':
      return { title: `Change the quota of ${clientId}`, verb: 'Change quota', isDestructive: false };
    case 'suspend':
      return { title: `Suspend ${clientId}`, verb: 'Suspend', isDestructive: true };
    case 'resume':
      return { title: `Resume ${clientId}`, verb: 'Resume', isDestructive: false };
    case 'remove':
      return { title: `Remove ${clientId}`, verb: 'Remove', isDestructive: true };
    case 'release':
      return {
        title: `End stale listener on ${action.port}`,
        verb: 'End stale listener',
        isDestructive: true,
      };
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** E.g. `ends 4 tunnels`; names the sessions if they have no tunnels. */
export function endsWords(plan: TenantPlan): string {
  if (plan.action.kind === 'release') return `ends process ${plan.action.pid}`;
  const tunnels = plan.ends.filter((one) => one.port !== null).length;
  if (tunnels > 0) return `ends ${counted(tunnels, 'tunnel')}`;
  return plan.ends.length > 0 ? `ends ${counted(plan.ends.length, 'session')}` : 'ends no sessions';
}

export const outcomeWords: Record<TenantOutcome['state'], { word: string; tone: 'ok' | 'bad' | 'warn' }> = {
  done: { word: 'done', tone: 'ok' },
  partly: { word: 'partly done', tone: 'warn' },
  'not-done': { word: 'not done', tone: 'bad' },
  unknown: { word: 'unknown', tone: 'warn' },
};

/** The next step for the operator after this result. */
export function nextStep(plan: TenantPlan, state: TenantOutcome['state']): string {
  if (state === 'not-done')
    return `Nothing was changed on ${plan.applianceName}. Fix the cause, then plan it again.`;
  if (state === 'partly')
    return `${plan.action.clientId} was added with its key. Set its quota with “Change quota”.`;
  if (state === 'unknown') {
    return `Check before you try again. The next answer from ${plan.applianceName} shows whether it was done.`;
  }
  const { clientId } = plan.action;
  switch (plan.action.kind) {
    case 'add':
      if (plan.before !== null)
        return `Next: ask the site of ${clientId} to use the new key. Its old keys remain valid until they are replaced.`;
      return `Next: create the handover pack for the site of ${clientId}. The session appears when the site’s Connect starts.`;
    case 'rotate':
      return plan.action.key.from === 'generated'
        ? `Next: send the new private key to the site of ${clientId} and ask it to restart Connect with that key.`
        : `Next: ask the site of ${clientId} to restart Connect with the new key.`;
    case 'change':
      return plan.ends.length > 0
        ? `The site’s Connect reconnects automatically with the remaining ports.`
        : `${clientId} can use the new quota now. Its sessions continue.`;
    case 'suspend':
      return `${clientId} can’t connect until it is resumed. Its key and ports are kept.`;
    case 'resume':
      return `${clientId} reconnects automatically on the same ports.`;
    case 'remove':
      return `The ports are free again. To restore ${clientId}, add it again.`;
    case 'release':
      return `Port ${plan.action.port} is free again. The tenant’s Connect binds it on its next attempt.`;
  }
}

/** How full the appliance is after the tenant’s `held` ports are replaced by `quota` ports. */
export function capacityAfter({ allotted, held, quota }: { allotted: number; held: number; quota: number }): {
  ports: number;
  fits: boolean;
  text: string;
} {
  const ports = allotted - held + quota;
  const fits = ports <= portCount;
  const share = Math.round((100 * ports) / portCount);
  const text = fits
    ? `After the change: ${ports} of ${portCount} ports allocated, ${share} %`
    : `${ports - portCount} ports more than the appliance has`;
  return { ports, fits, text };
}
