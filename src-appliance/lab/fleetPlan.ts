import type { RepositoryService } from '../../src-shared/model/connectYaml.ts';
import { createRandom, type Random } from './random.ts';

/**
 * What befalls a tenant in the lab.
 *
 *   well        its Connect runs
 *   dead        its Connect was killed after it had announced its forwards
 *   suspended   its quota was set to 0; its Connect keeps asking
 *   stale       the network swallowed its connection: the server still holds its ports
 */
type TenantFate = 'well' | 'dead' | 'suspended' | 'stale';

export type RepositoryPlan = { group: string; repository: string; service: RepositoryService };
export type TenantPlan = {
  clientId: string;
  fate: TenantFate;
  quota: number;
  repositories: RepositoryPlan[];
};
export type AppliancePlan = {
  name: string;
  group: string;
  description: string;
  version: string;
  licenceDays: number;
  syslogFormat: 'traditional' | 'iso';
  tenants: TenantPlan[];
};

const tenantNames = [
  'northwind',
  'acme',
  'globex',
  'umbrella',
  'stark',
  'initech',
  'wayne',
  'hooli',
  'tyrell',
  'wonka',
  'cyberdyne',
  'soylent',
] as const;

const repositoryKinds: readonly [
  { repository: string; service: RepositoryService },
  ...{ repository: string; service: RepositoryService }[],
] = [
  { repository: 'dav', service: 'webdav' },
  { repository: 'files', service: 'smb' },
  { repository: 'documents', service: 'cmis' },
  { repository: 'author', service: 'cq5' },
  { repository: 'records', service: 'alfresco' },
];
const groups = ['headquarters', 'plant', 'archive', 'engineering'] as const;
/** The unlike appliance shows each fault once, and a healthy tenant beside them. */
const unlikeFates: readonly TenantFate[] = ['well', 'dead', 'suspended', 'stale'];

function planRepositories(random: Random, fate: TenantFate): RepositoryPlan[] {
  const group = random.pick(groups);
  // One dead tunnel and one stale listener: a fault shall be seen, not fill the page.
  const count = fate === 'dead' || fate === 'stale' ? 1 : random.between(1, repositoryKinds.length);
  const first = random.between(0, repositoryKinds.length - 1);
  return Array.from({ length: count }, (_, index) => {
    const kind = repositoryKinds[(first + index) % repositoryKinds.length] ?? repositoryKinds[0];
    return { group, ...kind };
  });
}

function planTenant(input: { index: number; fate: TenantFate; random: Random }): TenantPlan {
  const { index, random } = input;
  const name = tenantNames[index % tenantNames.length] ?? tenantNames[0];
  const round = Math.floor(index / tenantNames.length);
  return {
    clientId: round === 0 ? name : `${name}-${round + 1}`,
    fate: input.fate,
    quota: random.pick([20, 20, 20, 20, 40, 10]),
    repositories: planRepositories(random, input.fate),
  };
}

/** Every third appliance, and with fewer the last of several, is unlike the others: older, air-gapped, with faults. */
function isUnlike(index: number, count: number): boolean {
  return count < 3 ? count > 1 && index === count - 1 : index % 3 === 2;
}

/** Lays out the fleet. Pure: the same input gives the same plan. `tenants` is the number over all appliances. */
export function planFleet(input: { appliances: number; tenants: number; seed: string }): AppliancePlan[] {
  const random = createRandom(input.seed);
  const counts = { kiln: 0, quay: 0 };
  return Array.from({ length: input.appliances }, (_, index) => {
    const unlike = isUnlike(index, input.appliances);
    const kind = unlike ? 'quay' : 'kiln';
    counts[kind] += 1;
    const own = Array.from({ length: input.tenants }, (_unused, tenant) => tenant).filter(
      (tenant) => tenant % input.appliances === index,
    );
    return {
      name: `${kind}-${`${counts[kind]}`.padStart(2, '0')}`,
      group: unlike ? 'Harbour (air-gapped)' : 'Plant A',
      description: unlike
        ? 'no way out; updated by carried files'
        : `line ${counts[kind]}, behind the plant firewall`,
      version: unlike ? '1.33.0' : '1.34.2',
      licenceDays: unlike ? 19 : 212,
      syslogFormat: unlike ? 'iso' : 'traditional',
      tenants: own.map((tenant, place) =>
        planTenant({ index: tenant, fate: unlike ? (unlikeFates[place] ?? 'well') : 'well', random }),
      ),
    };
  });
}
