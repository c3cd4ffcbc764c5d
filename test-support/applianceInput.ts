import type { ApplianceInput, SshTarget } from '../src-shared/model/applianceEntry.ts';
import type { DebianAppliance } from './debianSshd.ts';

/** How the administrator of a test's appliance logs in. */
export function adminTarget({ host, port, adminUser, adminKeyFile }: DebianAppliance): SshTarget {
  const authentication = { agent: false, keyFile: adminKeyFile, password: false, keyboardInteractive: false };
  return { host, port, user: adminUser, authentication };
}

/** The appliance as an operator enters it. */
export function applianceInput(appliance: DebianAppliance, name = 'kiln'): ApplianceInput {
  const target = adminTarget(appliance);
  return { name, target, jumps: [], sudo: 'none', group: '', cluster: '', description: '' };
}
