import { createHash } from 'node:crypto';
import { strToU8, zipSync } from 'fflate';
import { AppError } from '../../src-shared/errors.ts';
import { type ApplianceEntry, listClusterMembers } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { Deployment } from '../../src-shared/model/connectYaml/deployments.ts';
import { formatConnectYamlFinding } from '../../src-shared/model/connectYaml/connectYamlFinding.ts';
import { handOverPack, lintHandOver } from '../../src-shared/model/handOver/handOverPack.ts';
import type { HandOverSite } from '../../src-shared/model/handOver/handOverSite.ts';
import type { Audit } from '../audit/audit.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Inventory } from '../inventory/inventory.ts';

export type HandOverRequest = {
  applianceId: string;
  clientId: string;
  address: string;
  runs: Deployment;
  repositories: readonly { group: string; repository: string; uri: string }[];
};
export type HandOver = {
  files: { name: string; text: string; sha256: string }[];
  archive: { name: string; base64: string };
};

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** A fixed time for all files, so that the same files always give the same archive. */
const everyFileTime = new Date(2000, 0, 1);

function zip(folder: string, files: readonly { name: string; text: string }[]): string {
  const entries = files.map(({ name, text }) => [`${folder}/${name}`, strToU8(text)]);
  const archive = zipSync(Object.fromEntries(entries), { mtime: everyFileTime, level: 9 });
  return Buffer.from(archive).toString('base64');
}

/**
 * The fingerprint of the ed25519 host key that Connect will see, which is the key pinned for the console. In
 * a cluster, any member may answer, so the result is null unless all members have the same key.
 */
function hostKeyOf(inventory: Pick<Inventory, 'list' | 'pinned'>, entry: ApplianceEntry): string | null {
  const pins = listClusterMembers(entry, inventory.list()).map((member) => inventory.pinned(member.target));
  const [first] = pins;
  const isOne = pins.every((pin) => pin !== null && pin.fingerprint === first?.fingerprint);
  return isOne && first?.type === 'ssh-ed25519' ? first.fingerprint : null;
}

/**
 * Creates the files for a tenant's site and records this in the audit trail. Throws NOT_FOUND or
 * INVALID_INPUT.
 */
export function createHandOver(options: {
  inventory: Pick<Inventory, 'get' | 'list' | 'pinned'>;
  fleet: Pick<Fleet, 'networks'>;
  audit: Pick<Audit, 'event'>;
}): (request: HandOverRequest) => HandOver {
  const { inventory, fleet, audit } = options;
  return ({ applianceId, clientId, address, runs, repositories }) => {
    const entry = inventory.get(applianceId);
    const tenant = fleet.networks(applianceId).find((network) => network.clientId === clientId);
    const site: HandOverSite = {
      clientId,
      address,
      runs,
      hostKey: hostKeyOf(inventory, entry),
      ports: tenant?.ports ?? [],
      repositories,
    };
    const files = handOverPack(site);
    if (files === null) {
      const first = lintHandOver(site).findings.find(({ severity }) => severity === 'error');
      throw new AppError(
        'INVALID_INPUT',
        first === undefined
          ? 'The details of the site are not valid.'
          : `${first.where === '' ? '' : `${first.where}: `}${first.message} (${first.code}).`,
        { detail: { finding: first === undefined ? null : formatConnectYamlFinding(first) } },
      );
    }
    const sums = files.map(({ name, text }) => `${sha256(text)}  ${name}\n`).join('');
    const all = [...files, { name: 'SHA256SUMS', text: sums }];
    const folder = `connect-${clientId}`;
    audit.event({
      event: 'tenant.handover',
      object: `${entry.name}/${clientId}`,
      // With this hash, an operator can later tell which pack a site has, because SHA256SUMS contains the
      // hashes of all other files.
      detail: `for ${address}, ${runs}, repositories: ${repositories.length}; SHA256SUMS ${sha256(sums)}`,
    });
    return {
      files: all.map(({ name, text }) => ({ name, text, sha256: sha256(text) })),
      archive: { name: `${folder}.zip`, base64: zip(folder, all) },
    };
  };
}
