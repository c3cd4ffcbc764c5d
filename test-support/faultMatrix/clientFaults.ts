import { killMonitorOf } from '../killMonitor.ts';
import { changeTenant } from '../remoteNetworks.ts';
import {
  dropPackets,
  largePackets,
  listenAs,
  offerUnknownKey,
  registerKeyElsewhere,
  replaceKey,
} from './faultActions.ts';
import { all, bounds, onlyConnect, refusedForward, tenant, well, type FaultRow } from './faultRow.ts';

/** Faults of the site's processes and network, of its key and of its ports. */
export const clientFaults: readonly FaultRow[] = [
  {
    name: 'session-killed',
    fault: 'The appliance’s sshd process of the session is killed',
    withinSeconds: bounds.login,
    expected: { ...well, ssh: tenant('T-3001') },
    isTested: true,
    session: 'new',
    before: ['T-3001', 'T-6998'],
    begin: async (cell) => {
      await cell.appliance.system.mustRun(['kill', '-KILL', `${await cell.sessionPid()}`]);
    },
  },
  {
    name: 'monitor-killed',
    fault: 'The appliance’s sshd monitor process of the session is killed; the session goes on',
    withinSeconds: bounds.answer,
    expected: all({ code: 'T-3006', side: 'appliance' }),
    begin: async (cell) => killMonitorOf(cell.appliance, await cell.sessionPid()),
  },
  {
    name: 'client-killed',
    fault: 'The client is killed and does not start again',
    withinSeconds: bounds.answer,
    expected: all(tenant('T-3001')),
    begin: ({ client }) => client.signal('SIGKILL'),
  },
  {
    name: 'client-stopped',
    fault: 'The client hangs (SIGSTOP)',
    withinSeconds: bounds.silence,
    expected: all(tenant('T-3002')),
    begin: ({ client }) => client.signal('SIGSTOP'),
  },
  {
    name: 'network-drops-all',
    fault: 'The network between site and appliance drops all packets',
    withinSeconds: bounds.silence,
    expected: all(tenant('T-3002')),
    begin: dropPackets,
  },
  {
    name: 'large-packets-lost-at-site',
    fault: 'The network between appliance and site loses large packets (path MTU)',
    withinSeconds: bounds.test,
    expected: onlyConnect({ code: 'T-5003', side: 'network' }),
    isTested: true,
    isLarge: true,
    // At the site, because a packet that is dropped where it is sent counts as not sent.
    begin: ({ path }) => path.filterAtSite('-A', 'INPUT', '-p', 'tcp', '--sport', '22', ...largePackets),
  },
  {
    name: 'unknown-key',
    fault: 'The client offers a key that the appliance does not know',
    withinSeconds: bounds.login,
    expected: all(tenant('T-3003')),
    before: ['T-3001'],
    begin: offerUnknownKey,
  },
  {
    name: 'former-key',
    fault: 'The tenant’s key was replaced, and the client still offers the old one',
    withinSeconds: bounds.login,
    expected: all(tenant('T-3003')),
    before: ['T-3001'],
    begin: replaceKey,
  },
  {
    name: 'key-registered-elsewhere',
    fault: 'The tenant’s key was registered for another tenant; the verdict is about that tenant',
    withinSeconds: bounds.login,
    expected: { connect: well.connect, autossh: refusedForward, ssh: refusedForward },
    isTested: true,
    before: ['T-3001', 'T-3004', 'T-4003', 'T-6998'],
    begin: registerKeyElsewhere,
  },
  {
    name: 'key-shared',
    fault: 'A second client with the tenant’s key connects from another address',
    withinSeconds: bounds.sharing,
    expected: well,
    evidence: /two clients use the same key at the same time: from /u,
    begin: async ({ addClient }) => (await addClient()).start(),
  },
  {
    name: 'suspended',
    fault: 'The tenant is suspended',
    withinSeconds: bounds.answer,
    expected: all({ code: 'T-2002', side: 'operator' }),
    begin: async ({ appliance, clientId }) => {
      await changeTenant(appliance, 'change', '0', clientId);
    },
  },
  {
    name: 'port-taken',
    fault: 'Another program on the appliance holds the tenant’s port',
    withinSeconds: bounds.login,
    expected: {
      connect: { code: 'T-4006', side: 'appliance' },
      autossh: refusedForward,
      ssh: refusedForward,
    },
    isFromStart: true,
    before: ['T-4001', 'T-4003'],
    begin: ({ appliance, port }) => listenAs(appliance.system, { user: 'daemon', port }),
  },
  {
    name: 'too-many-repositories',
    fault: 'connect.yaml has more repositories than the tenant has ports',
    withinSeconds: bounds.login,
    expected: {
      connect: { code: 'T-4005', side: 'operator' },
      autossh: { notApplicable: 'the client names its port itself' },
      ssh: { notApplicable: 'the client names its port itself' },
    },
    isFromStart: true,
    repositories: ['a', 'b', 'c'],
    begin: async ({ appliance, clientId }) => {
      await changeTenant(appliance, 'change', '2', clientId);
    },
  },
];
