import { clientFaults } from './clientFaults.ts';
import { bounds, tenant, well, type FaultRow } from './faultRow.ts';
import { serviceFaults } from './serviceFaults.ts';

/** Faults of the appliance, which affect every tunnel. */
const applianceFaults: readonly FaultRow[] = [
  {
    name: 'listener-restarted',
    fault: 'The appliance’s sshd is restarted; its sessions go on',
    withinSeconds: bounds.answer,
    expected: well,
    session: 'same',
    beginForAll: async ({ appliance }) => {
      await appliance.system.mustRun(['service', 'ssh', 'restart']);
    },
  },
  {
    name: 'all-sessions-killed',
    fault: 'All sshd processes of the appliance are killed, and sshd starts again',
    withinSeconds: bounds.login,
    expected: { ...well, ssh: tenant('T-3001') },
    isTested: true,
    session: 'new',
    before: ['T-1001', 'T-1002', 'T-1003', 'T-3001', 'T-6998'],
    beginForAll: ({ appliance }) => appliance.restartSshd(),
  },
];

/** Every fault in turn. */
export const faultRows = [...clientFaults, ...serviceFaults, ...applianceFaults];
