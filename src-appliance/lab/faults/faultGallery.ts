import { createKeyedQueue } from '../../../src-shared/base/keyedQueue.ts';
import type { LabAnnouncement } from '../../../src-shared/model/appliance/labAnnouncement.ts';
import type { LabAppliance, LabTenant } from '../fleetPlan.ts';
import { labServices } from '../services/labServices.ts';
import type { EndFault, LabFault, TunnelFault } from './labFault.ts';

/** The appliance with the tenants whose tunnels have faults. */
const tunnelsAppliance = 'gallery';

function planTenant(clientId: string, repositories: TunnelFault['repositories']): LabTenant {
  const { repository, scheme } = labServices.webdav;
  const planned = repositories ?? [{ service: 'webdav' as const, scheme, repository }];
  return {
    clientId,
    scenario: 'running',
    quota: 20,
    repositories: planned.map((one) => ({ ...one, group: 'site', condition: 'answers' })),
  };
}

function planAppliance(name: string, description: string, tenants: readonly LabTenant[]): LabAppliance {
  return {
    name,
    group: 'Fault gallery',
    description,
    version: '1.34.2',
    licenceDays: 212,
    authority: 'connected',
    syslogFormat: 'iso',
    tenants: [...tenants],
  };
}

/**
 * Plans one appliance for all faults of tunnels, each with its own tenant, and one for each fault of an appliance. They
 * have the names of the faults.
 */
export function planGallery(faults: readonly LabFault[]): LabAppliance[] {
  const tunnels = faults.filter((fault) => fault.on === 'tunnel');
  const own = faults.filter((fault) => fault.on === 'appliance');
  const tenants = tunnels.map(({ name, repositories }) => planTenant(name, repositories));
  return [
    ...(tunnels.length === 0
      ? []
      : [planAppliance(tunnelsAppliance, 'each tenant has the fault of its name', tenants)]),
    ...own.map(({ name, summary, plan }) => ({
      ...planAppliance(name, summary, [planTenant(`${name}-tenant`, undefined)]),
      ...plan,
    })),
  ];
}

/** Where the fault shows: at a tenant of the gallery, or on an appliance of its own. */
export function describePlace({
  name,
  summary,
  code,
  side,
  on,
}: LabFault): LabAnnouncement['faults'][number] {
  const place =
    on === 'tunnel' ? { appliance: tunnelsAppliance, clientId: name } : { appliance: name, clientId: null };
  return { name, summary, code, side, ...place };
}

type Running = { start: () => Promise<EndFault>; end: EndFault | null };

/** Starts and ends the faults of a running lab by name. */
export function createFaultControl(onNotice: (message: string) => void) {
  const running = new Map<string, Running>();
  const queue = createKeyedQueue();
  const act = (name: string, action: 'start' | 'end'): Promise<void> =>
    queue.take(name, async () => {
      const fault = running.get(name);
      if (fault === undefined) return onNotice(`no fault ${name}`);
      const isStart = action === 'start';
      if (isStart === (fault.end !== null)) return onNotice(`${name}: nothing to ${action}`);
      if (fault.end === null) fault.end = await fault.start();
      else {
        await fault.end();
        fault.end = null;
      }
      onNotice(`${name}: ${isStart ? 'started' : 'ended'}`);
    });
  return {
    add: (name: string, start: () => Promise<EndFault>): void => {
      running.set(name, { start, end: null });
    },
    /** Obeys a line `start NAME` or `end NAME`. Rejects with the error of the fault. */
    obey: async (line: string): Promise<void> => {
      const [action, name = ''] = line.trim().split(/\s+/u);
      if (action === 'start' || action === 'end') await act(name, action);
      else if (action !== '') onNotice('write start NAME or end NAME');
    },
  };
}
