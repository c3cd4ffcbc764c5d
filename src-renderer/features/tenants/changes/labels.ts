import { portCount } from '../../../../src-shared/model/tenants/ports.ts';
import type {
  TenantAction,
  TenantOutcome,
  TenantPlan,
} from '../../../../src-shared/model/tenants/tenantPlan.ts';

type Words = { title: string; verb: string; isDestructive: boolean };

/** How a change is headed, and what its button says. `isExisting`: the plan found the tenant on the appliance. */
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
        verb: `End process ${action.pid}`,
        isDestructive: true,
      };
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `ends 4 tunnels`; sessions are counted where they carry none. */
export function endsWords(plan: TenantPlan): string {
  if (plan.action.kind === 'release') return `ends process ${plan.action.pid}`;
  const tunnels = plan.ends.filter((one) => one.port !== null).length;
  if (tunnels > 0) return `ends ${counted(tunnels, 'tunnel')}`;
  return plan.ends.length > 0 ? `ends ${counted(plan.ends.length, 'session')}` : 'ends nothing';
}

export const outcomeWords: Record<TenantOutcome['state'], { word: string; tone: 'ok' | 'bad' | 'warn' }> = {
  done: { word: 'done', tone: 'ok' },
  partly: { word: 'done in part', tone: 'warn' },
  'not-done': { word: 'not done', tone: 'bad' },
  unknown: { word: 'not known', tone: 'warn' },
};

/** What an operator does after a change ended this way. */
export function nextStep(plan: TenantPlan, state: TenantOutcome['state']): string {
  if (state === 'not-done')
    return `Nothing was changed on ${plan.applianceName}. Plan it again once the cause is gone.`;
  if (state === 'partly')
    return `${plan.action.clientId} is there with its key. Give it the quota that it is to have with “Change quota”.`;
  if (state === 'unknown') {
    return `Don’t repeat it blindly: the next answer of ${plan.applianceName} shows whether it was done.`;
  }
  const { clientId } = plan.action;
  switch (plan.action.kind) {
    case 'add':
      if (plan.before !== null)
        return `Next: the site of ${clientId} uses the new key; its old keys remain valid until they are replaced.`;
      return `Next: make the hand-over pack for the site of ${clientId}; a session shows once its proxy runs.`;
    case 'rotate':
      return plan.action.key.from === 'generated'
        ? `Next: carry the new private key to the site of ${clientId}, and have its proxy started anew with it.`
        : `Next: the site of ${clientId} starts its proxy anew with the new key.`;
    case 'change':
      return plan.ends.length > 0
        ? `The site’s proxy comes back by itself, with the ports that are left.`
        : `${clientId} may use the new number at once; its sessions go on.`;
    case 'suspend':
      return `${clientId} can’t come back until it is resumed; it keeps its key and its ports.`;
    case 'resume':
      return `${clientId} comes back by itself, on the same ports.`;
    case 'remove':
      return `The ports are free again. To take ${clientId} back, add it anew.`;
    case 'release':
      return `Port ${plan.action.port} is free again; the tenant’s proxy binds it at its next try.`;
  }
}

/** How full an appliance is once `quota` is taken in the place of `held`. */
export function capacityAfter({ allotted, held, quota }: { allotted: number; held: number; quota: number }): {
  ports: number;
  fits: boolean;
  text: string;
} {
  const ports = allotted - held + quota;
  const fits = ports <= portCount;
  const share = Math.round((100 * ports) / portCount);
  const text = fits
    ? `${ports} of ${portCount} ports allotted then, ${share} %`
    : `${ports - portCount} ports more than the appliance has`;
  return { ports, fits, text };
}
