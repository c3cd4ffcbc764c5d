import type { ApplianceInput, SshTarget } from '../src-shared/model/appliance/applianceEntry.ts';
import type { StockBox } from './stockBox.ts';

export type AdminAccess = Pick<StockBox, 'host' | 'port' | 'adminUser' | 'adminKeyFile'> & {
  /** How the administrator runs the ke_ commands. By default without sudo. */
  sudo?: 'none' | 'nopasswd';
};

/** The address of a test's appliance and the login of its administrator. */
export function adminTarget({ host, port, adminUser, adminKeyFile }: AdminAccess): SshTarget {
  const authentication = { agent: false, keyFile: adminKeyFile, password: false, keyboardInteractive: false };
  return { host, port, user: adminUser, authentication };
}

/** The appliance's entry, as an operator would enter it. */
export function applianceInput(appliance: AdminAccess, name = 'kiln'): ApplianceInput {
  const target = adminTarget(appliance);
  return {
    name,
    target,
    jumps: [],
    sudo: appliance.sudo ?? 'none',
    legacyAlgorithms: false,
    connect: 'always',
    group: '',
    cluster: '',
    description: '',
    tags: [],
    colour: 'none',
  };
}
