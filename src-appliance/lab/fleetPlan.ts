import {
  isRepositoryService,
  type RepositoryScheme,
  type RepositoryService,
} from '../../src-shared/model/connectYaml/repositoryServices.ts';
import type { FaultyAnswer } from './services/faultyAnswers.ts';
import { labServices } from './services/labServices.ts';
import { createRandom, type Random } from './random.ts';

/**
 * The planned state of a tenant in the lab.
 *
 *   running     its Connect runs
 *   dead        its Connect was killed after it had announced its forwards
 *   suspended   its quota was set to 0; its Connect keeps retrying
 *   stale       the network drops all its data; the server still holds its ports
 *   troubled    its Connect runs; one of its repositories refuses connections and one is slow
 *   wrong-key   its Connect still offers a key that was replaced on the appliance
 *   crowded     its Connect has more repositories than its quota has ports
 */
type TenantScenario = 'running' | 'dead' | 'suspended' | 'stale' | 'troubled' | 'wrong-key' | 'crowded';

/**
 * How a repository's service behaves. `refuses`: no process listens at the address in connect.yaml.
 * `unreachable`: connections to that address are neither accepted nor refused, as behind a firewall.
 */
export type ServiceCondition = 'answers' | 'refuses' | 'unreachable' | 'slow' | FaultyAnswer;

export type LabRepository = {
  group: string;
  repository: string;
  service: RepositoryService;
  /** Null if the service has no schemes. */
  scheme: RepositoryScheme | null;
  condition: ServiceCondition;
};
export type LabTenant = {
  clientId: string;
  scenario: TenantScenario;
  quota: number;
  repositories: LabRepository[];
};
export type LabAppliance = {
  name: string;
  group: string;
  description: string;
  version: string;
  licenceDays: number;
  /** Whether it reaches the licence authority. */
  authority: 'connected' | 'offline';
  /** True if the appliance's state is on a small disk of its own. */
  hasOwnDisk?: boolean;
  syslogFormat: 'traditional' | 'iso';
  tenants: LabTenant[];
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

const services = Object.keys(labServices).filter(isRepositoryService);
/** The services of a troubled tenant's repositories behave like this, in order. */
const troubles: readonly ServiceCondition[] = ['answers', 'slow', 'refuses'];
const crowdedQuota = 3;
const groups = ['headquarters', 'plant', 'archive', 'engineering'] as const;
/** Tenants of an old appliance: one healthy tenant, then one with each fault. */
const oldApplianceScenarios: readonly TenantScenario[] = ['running', 'dead', 'suspended', 'stale'];
/**
 * Faults at the tenants' sites. Used on every second of the other appliances, if it has enough tenants.
 */
const faultyScenarios: readonly TenantScenario[] = ['running', 'troubled', 'wrong-key', 'crowded'];

function planRepositories(random: Random, scenario: TenantScenario): LabRepository[] {
  const group = random.pick(groups);
  const count = countRepositories(scenario, random);
  const first = random.between(0, services.length - 1);
  return Array.from({ length: count }, (_, index) => {
    const service = services[(first + index) % services.length] ?? 'webdav';
    const { repository, scheme } = labServices[service];
    const condition = scenario === 'troubled' ? (troubles[index] ?? 'answers') : 'answers';
    return { group, repository, service, scheme, condition };
  });
}

/** Tenants with a fault have few repositories, so that faults don't fill the page. */
function countRepositories(scenario: TenantScenario, random: Random): number {
  switch (scenario) {
    case 'dead':
    case 'stale':
    case 'wrong-key':
      return 1;
    case 'troubled':
      return troubles.length;
    case 'crowded':
      return crowdedQuota + 1;
    case 'running':
    case 'suspended':
      return random.between(1, services.length);
  }
}

function planTenant(input: { index: number; scenario: TenantScenario; random: Random }): LabTenant {
  const { index, random } = input;
  const name = tenantNames[index % tenantNames.length] ?? tenantNames[0];
  const round = Math.floor(index / tenantNames.length);
  const quota = random.pick([20, 20, 20, 20, 40, 10]);
  return {
    clientId: round === 0 ? name : `${name}-${round + 1}`,
    scenario: input.scenario,
    quota: input.scenario === 'crowded' ? crowdedQuota : quota,
    repositories: planRepositories(random, input.scenario),
  };
}

/**
 * Every third appliance is older, air-gapped, and has faults. If there are fewer than three, it is the last.
 */
function isOldAppliance(index: number, count: number): boolean {
  return count < 3 ? count > 1 && index === count - 1 : index % 3 === 2;
}

function planScenarios(index: number, count: number): readonly TenantScenario[] {
  if (isOldAppliance(index, count)) return oldApplianceScenarios;
  return count >= 3 && index % 3 === 1 ? faultyScenarios : [];
}

/**
 * Plans the lab's appliances and tenants. Pure: the same input gives the same plan. `tenants` is the number
 * of tenants of all appliances.
 */
export function planFleet(input: { appliances: number; tenants: number; seed: string }): LabAppliance[] {
  const random = createRandom(input.seed);
  const counts = { kiln: 0, quay: 0 };
  return Array.from({ length: input.appliances }, (_, index) => {
    const isOld = isOldAppliance(index, input.appliances);
    const kind = isOld ? 'quay' : 'kiln';
    const scenarios = planScenarios(index, input.appliances);
    counts[kind] += 1;
    const own = Array.from({ length: input.tenants }, (_unused, tenant) => tenant).filter(
      (tenant) => tenant % input.appliances === index,
    );
    return {
      name: `${kind}-${`${counts[kind]}`.padStart(2, '0')}`,
      group: isOld ? 'Harbour (air-gapped)' : 'Plant A',
      description: isOld
        ? 'no outbound connections; updated from removable media'
        : `line ${counts[kind]}, behind the plant firewall`,
      version: isOld ? '1.33.0' : '1.34.2',
      licenceDays: isOld ? 19 : 212,
      authority: isOld ? 'offline' : 'connected',
      syslogFormat: isOld ? 'iso' : 'traditional',
      tenants: own.map((tenant, place) =>
        planTenant({ index: tenant, scenario: scenarios[place] ?? 'running', random }),
      ),
    };
  });
}
