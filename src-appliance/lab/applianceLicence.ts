import { repositoryServiceNames } from '../../src-shared/model/connectYaml/repositoryServices.ts';
import { dayMs, hourMs } from '../../src-shared/base/time.ts';
import { createAuthorityKey, issueLicence } from '../authority/issue.ts';
import type { Authority } from '../authority/store/authority.ts';
import { recordedLicence } from '../authority/store/licences.ts';
import { labPlan, labVolumePlan } from './labPlan.ts';
import type { Random } from './random.ts';

export type LicenceSupply = {
  /** Issues a one-year licence with `daysLeft` whole days and some hours left. Negative: it has ended. */
  issue: (daysLeft: number) => string;
  /** The same, signed with a key that only has the name of the authority's. */
  forge: (daysLeft: number) => string;
};

function block(random: Random): string {
  return random.between(0, 0xffff).toString(16).toUpperCase().padStart(4, '0');
}

/** Registers an appliance of the lab with the authority, which then issues its licences. */
export function registerAppliance(options: {
  authority: Authority;
  applianceId: string;
  name: string;
  random: Random;
}): LicenceSupply {
  const { authority, applianceId, name, random } = options;
  authority.appliances.add({
    id: applianceId,
    name,
    licenceKey: ['SP', block(random), block(random), block(random), block(random)].join('-'),
    sequence: random.between(3, 17),
    contract: {
      entitlements: {
        accounts: 5000,
        connectors: [...repositoryServiceNames],
        plan: labPlan.id,
        internalDevelopment: true,
      },
      term: { days: 365 },
      graceDays: 14,
      minVersion: '1.30.0',
      plans: [labPlan, labVolumePlan],
    },
  });
  const issue = (daysLeft: number): string => {
    const expires = Date.now() + daysLeft * dayMs + 6 * hourMs;
    const issuedAt = new Date(expires - 365 * dayMs).toISOString();
    return authority.licences.issue(applianceId, {
      issuedAt,
      notBefore: issuedAt,
      expiresAt: new Date(expires).toISOString(),
    });
  };
  return {
    issue,
    forge: (daysLeft) =>
      issueLicence(recordedLicence(issue(daysLeft)), createAuthorityKey(authority.keys.signing().keyId)),
  };
}
