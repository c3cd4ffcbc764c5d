import { largePackets } from './faultActions.ts';
import { all, bounds, onlyConnect, tenant, type FaultRow } from './faultRow.ts';
import type { ServiceBehaviour } from './faultyService.ts';
import type { MatrixCell } from './matrixCell.ts';

const behave =
  (behaviour: ServiceBehaviour) =>
  ({ path }: MatrixCell) =>
    path.behave(behaviour);

/** Faults of the service and of the way to it. */
export const serviceFaults: readonly FaultRow[] = [
  {
    name: 'service-refuses',
    fault: 'The service’s computer refuses connections',
    withinSeconds: bounds.test,
    expected: all(tenant('T-6001')),
    isTested: true,
    begin: behave('closed'),
  },
  {
    name: 'service-behind-firewall',
    fault: 'A firewall drops all packets to the service',
    withinSeconds: bounds.test,
    expected: all(tenant('T-6002')),
    isTested: true,
    begin: ({ path }) => path.filterAtService('-A', 'INPUT', '-p', 'tcp', '--dport', 'port', '-j', 'DROP'),
  },
  {
    name: 'large-packets-lost-at-service',
    fault: 'The network between the site and the service loses large packets (path MTU)',
    withinSeconds: bounds.test,
    expected: onlyConnect({ code: 'T-6006', side: 'network' }),
    isTested: true,
    isLarge: true,
    begin: ({ path }) => path.filterAtService('-A', 'INPUT', '-p', 'tcp', '--dport', 'port', ...largePackets),
  },
  {
    name: 'service-without-name',
    fault: 'The site can’t resolve the name of the service any more',
    withinSeconds: bounds.test,
    expected: { ...all(tenant('T-6001')), connect: tenant('T-6003') },
    isTested: true,
    begin: async ({ path }) => path.removeName(),
  },
  {
    name: 'service-without-route',
    fault: 'The site has no route to the service any more',
    withinSeconds: bounds.test,
    expected: { ...all(tenant('T-6001')), connect: tenant('T-6004') },
    isTested: true,
    begin: ({ path }) => path.removeRoute(),
  },
  {
    name: 'service-silent',
    fault: 'The service accepts connections and never answers',
    withinSeconds: bounds.test,
    expected: all(tenant('T-6002')),
    isTested: true,
    begin: behave('silent'),
  },
  {
    name: 'smb-hangs',
    fault: 'The SMB server hangs (SIGSTOP): it accepts connections and does not answer',
    withinSeconds: bounds.test,
    expected: all(tenant('T-6002')),
    isTested: true,
    scheme: 'smb',
    service: 'smbd',
    begin: ({ path }) => path.suspendSmbServer(),
  },
  {
    name: 'service-resets',
    fault: 'The service resets each connection at once',
    withinSeconds: bounds.test,
    expected: all(tenant('T-6001')),
    isTested: true,
    begin: behave('resets'),
  },
  {
    name: 'service-closes',
    fault: 'The service closes each connection at once',
    withinSeconds: bounds.test,
    expected: all(tenant('T-6001')),
    isTested: true,
    begin: behave('closes'),
  },
  {
    name: 'service-resets-late',
    fault: 'The service resets the connection when the request arrives',
    withinSeconds: bounds.test,
    expected: onlyConnect(tenant('T-6204')),
    isTested: true,
    begin: behave('resets-late'),
  },
  {
    name: 'service-drips',
    fault: 'The answer arrives at one byte a second',
    withinSeconds: bounds.test,
    expected: onlyConnect(tenant('T-6202')),
    isTested: true,
    begin: behave('drips'),
  },
  {
    name: 'service-garbage',
    fault: 'The service answers with bytes of no known protocol and terminal controls',
    withinSeconds: bounds.test,
    expected: onlyConnect(tenant('T-6201')),
    isTested: true,
    begin: behave('garbage'),
  },
  {
    name: 'service-huge-header',
    fault: 'The answer has a header of 8 MB',
    withinSeconds: bounds.test,
    expected: onlyConnect(tenant('T-6201')),
    isTested: true,
    begin: behave('huge-header'),
  },
  {
    name: 'http-instead-of-https',
    fault: 'connect.yaml says https, and the service speaks HTTP',
    withinSeconds: bounds.test,
    expected: onlyConnect(tenant('T-6101')),
    isTested: true,
    isFromStart: true,
    scheme: 'webdav+https',
  },
];
