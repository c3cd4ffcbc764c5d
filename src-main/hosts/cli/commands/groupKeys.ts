import { formatInstant } from '../../../../src-shared/base/time.ts';
import type { GroupKey } from '../../../../src-shared/model/tenants/groupKeys.ts';
import { formatTable } from '../output.ts';
import { findAppliance, withConsole, type Globals } from '../withConsole.ts';

type Request = { appliance: string; clientId: string };

function stateOf({ createdAt, rotatedAt, previousUntil }: GroupKey): string {
  const since =
    rotatedAt === null ? `created ${formatInstant(createdAt)}` : `rotated ${formatInstant(rotatedAt)}`;
  return previousUntil === null ? since : `${since}, former key valid until ${formatInstant(previousUntil)}`;
}

/** Lists the keys of a tenant's repository groups, masked. */
export function listGroupKeys(globals: Globals, { appliance, clientId }: Request): Promise<number> {
  return withConsole(globals, async (services) => {
    const applianceId = findAppliance(services, appliance).id;
    const groupKeys = await services.groupKeys.list({ applianceId, clientId });
    globals.output.print({ groupKeys }, () =>
      groupKeys.length === 0
        ? `No keys yet. A group of ${clientId} gets its key when Connect announces it.`
        : formatTable(
            ['GROUP', 'KEY', 'STATE'],
            groupKeys.map((one) => [one.group, one.mask, stateOf(one)]),
          ),
    );
    return 0;
  });
}

/** Prints one key. The audit trail records it. */
export function showGroupKey(globals: Globals, request: Request & { group: string }): Promise<number> {
  return withConsole(globals, async (services) => {
    const { appliance, clientId, group } = request;
    const applianceId = findAppliance(services, appliance).id;
    const key = await services.groupKeys.show({ applianceId, clientId, group });
    globals.output.print({ clientId, group, key }, () => key);
    return 0;
  });
}

/** Replaces one key. */
export function rotateGroupKey(
  globals: Globals,
  request: Request & { group: string; overlap: number; reason: string },
): Promise<number> {
  return withConsole(globals, async (services) => {
    const { appliance, clientId, group, overlap: overlapHours, reason } = request;
    const applianceId = findAppliance(services, appliance).id;
    const groupKey = await services.groupKeys.rotate({ applianceId, clientId, group, overlapHours, reason });
    globals.output.print({ groupKey }, () =>
      [
        `${clientId} ${group}: ${stateOf(groupKey)}.`,
        `To read the new key: sallyport tenant group-key show ${appliance} ${clientId} ${group}`,
      ].join('\n'),
    );
    return 0;
  });
}
