import type { z } from 'zod';
import { createMemo } from '../../base/memo.ts';
import { applianceStatusSchema, type ApplianceStatus } from '../appliance/applianceStatus.ts';
import { licenceShowOutputSchema, type LicenceShowOutput } from '../licence/licence.ts';
import {
  findListProblem,
  networkFactsSchema,
  tenantSchema,
  type RemoteNetworks,
  type Tenant,
} from '../tenants/remoteNetworks.ts';
import type { Parts } from './watchedParts.ts';
import type { Seen } from './watchLines.ts';

/** What a console knows of an appliance: the outputs of the three commands that it would otherwise repeat. */
export type WatchedAppliance = {
  status: ApplianceStatus;
  remoteNetworks: RemoteNetworks;
  licence: LicenceShowOutput;
};

const tenantPrefix = 'tenant ';

/**
 * The parts of an appliance. Each tenant is one, so that a change of a tenant says nothing of the others. The time is in
 * each line, and so in no part.
 */
export function splitAppliance({ status, remoteNetworks, licence }: WatchedAppliance): Parts {
  const { tenants, ...networks } = remoteNetworks;
  const { uptimeSeconds: _uptime, clock, ...facts } = status;
  return new Map<string, Readonly<Record<string, unknown>>>([
    ['status', { ...facts, ranBackFrom: clock.ranBackFrom }],
    ['licence', licence],
    ['networks', networks],
    ...tenants.map((tenant) => [`${tenantPrefix}${tenant.clientId}`, tenant] as const),
  ]);
}

/** The reason why parts are no appliance, in one line. */
export class InvalidPartsError extends Error {}

/** Checks each object once, so that a change of one of many tenants costs little. */
function createCheck<Value>(schema: z.ZodType<Value>) {
  const checked = new WeakMap<object, Value>();
  return (name: string, part: object = {}): Value => {
    const known = checked.get(part);
    if (known !== undefined) return known;
    const result = schema.safeParse(part);
    if (!result.success) {
      const [issue] = result.error.issues;
      throw new InvalidPartsError(`${name} ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`);
    }
    checked.set(part, result.data);
    return result.data;
  };
}

const byName = (left: Tenant, right: Tenant) => (left.clientId < right.clientId ? -1 : 1);

/** Puts the parts of an appliance together. Throws InvalidPartsError. */
export function createAssembler(): (parts: Parts, seen: Seen) => WatchedAppliance {
  const checks = {
    status: createCheck(applianceStatusSchema),
    licence: createCheck(licenceShowOutputSchema),
    networks: createCheck(networkFactsSchema),
    tenant: createCheck(tenantSchema),
  };
  function joinTenants(parts: Parts): Pick<WatchedAppliance, 'remoteNetworks' | 'licence'> {
    const tenants = [...parts]
      .filter(([name]) => name.startsWith(tenantPrefix))
      .map(([name, part]) => checks.tenant(name, part))
      .toSorted(byName);
    const problem = findListProblem(tenants);
    if (problem !== null) throw new InvalidPartsError(problem);
    return {
      licence: checks.licence('licence', parts.get('licence')),
      remoteNetworks: { ...checks.networks('networks', parts.get('networks')), tenants },
    };
  }
  const checkedStatus = createMemo<'status', ApplianceStatus>();
  /** Checks the status once and then only replaces its times, which the lines have. */
  function joinStatus(part: Readonly<Record<string, unknown>> = {}, { now, uptimeSeconds }: Seen) {
    const { clock, ...facts } = checkedStatus.get('status', [part], () => {
      const { ranBackFrom, ...others } = part;
      return checks.status('status', { ...others, uptimeSeconds, clock: { now, ranBackFrom } });
    });
    return { ...facts, uptimeSeconds, clock: { ...clock, now } };
  }
  const joined = createMemo<'parts', ReturnType<typeof joinTenants>>();
  return (parts, seen) => ({
    status: joinStatus(parts.get('status'), seen),
    ...joined.get('parts', [parts], () => joinTenants(parts)),
  });
}
