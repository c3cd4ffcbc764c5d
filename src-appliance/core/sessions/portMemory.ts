import { join } from 'node:path';
import { z } from 'zod';
import { findTenantById } from '../tenants/authorization.ts';
import { readRecord, removeRecord, writeRecord } from '../state/runRecords.ts';
import { rememberForwards } from './rememberedPorts.ts';
import { rememberedPortsSchema, type AnnouncedForward, type RememberedPort } from './registrarProtocol.ts';

/*
 * Which repository of a tenant has or had which port. The appliance keeps it, so that Connect can be restarted
 * or moved to another computer **[ours]**. In a folder of its own in the state folder, because the service has
 * no right to write to the rest of it.
 */

export const portMemoryFolder = 'ports';
/** The size is enough for an entry with the longest names on every port. */
const kind = {
  schema: z.object({ format: z.literal(1), ports: rememberedPortsSchema }),
  maxBytes: 8 * 1024 * 1024,
};

type Kept = { stateFolder: string; clientId: string };

function pathOf({ stateFolder, clientId }: Kept): string {
  return join(stateFolder, portMemoryFolder, `${clientId}.json`);
}

/** The least recently used port is the first. Empty if nothing is stored or the file is damaged. */
export function loadPortMemory(kept: Kept): RememberedPort[] {
  return readRecord(pathOf(kept), kind)?.ports ?? [];
}

type Name = Pick<AnnouncedForward, 'group' | 'repository'>;
const isSameRepository = (left: Name, right: Name) =>
  left.group === right.group && left.repository === right.repository;

/**
 * Remembers the ports of an announcement. Skips a port that another live session of the tenant announced for
 * another repository, so that two sites with one key don't overwrite each other's ports. Throws the file
 * system's error.
 */
export function updatePortMemory(
  kept: Kept & { forwards: readonly AnnouncedForward[]; others: readonly AnnouncedForward[] },
): void {
  const { stateFolder, clientId, forwards } = kept;
  const others = new Map(kept.others.map((forward) => [forward.port, forward]));
  const own = forwards.filter((forward) => {
    const other = others.get(forward.port);
    return other === undefined || isSameRepository(other, forward);
  });
  const before = loadPortMemory(kept);
  const ports = rememberForwards(before, own);
  const isUnchanged = JSON.stringify(ports) === JSON.stringify(before);
  // A session may outlive its tenant by a moment. Don't store anything for a removed tenant.
  if (isUnchanged || findTenantById({ stateFolder, clientId }) === null) return;
  writeRecord(pathOf(kept), { format: 1, ports });
}

export function forgetPortMemory(kept: Kept): void {
  removeRecord(pathOf(kept));
}
