import type { ConnectRepository } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import type { TunnelCode } from '../../../src-shared/model/tunnels/tunnelCodes.ts';
import { generateKeyPair } from '../../core/tenants/keyPair.ts';
import type { ServiceCondition } from '../fleetPlan.ts';
import type { TenantSite } from '../tenantSite.ts';
import type { TunnelFault } from './labFault.ts';

const publicKeyLine = ({ type, blob }: { type: string; blob: string }) => `${type} ${blob}\n`;

/** A fault at the site: the code is checked against the table of codes. */
function atSite(fault: Omit<TunnelFault, 'on' | 'side'> & { code: TunnelCode }): TunnelFault {
  return { on: 'tunnel', side: 'tenant', ...fault };
}

/** The service behind the tunnel fails. */
function ofService(fault: {
  name: string;
  summary: string;
  code: TunnelCode;
  condition: ServiceCondition;
  repositories?: TunnelFault['repositories'];
}): TunnelFault {
  const { condition, ...described } = fault;
  return atSite({
    ...described,
    start: async ({ services: [service] }) => {
      await service?.behave(condition);
      return () => service?.behave('answers');
    },
  });
}

/** connect.yaml names something else than the service. */
function ofConfiguration(fault: {
  name: string;
  summary: string;
  code: TunnelCode;
  repositories?: TunnelFault['repositories'];
  change: (repositories: readonly ConnectRepository[]) => readonly ConnectRepository[];
}): TunnelFault {
  const { change, ...described } = fault;
  return atSite({
    ...described,
    start: async (site) => {
      await site.connect.configure(change(site.repositories));
      return () => site.connect.configure(site.repositories);
    },
  });
}

const https = [{ service: 'alfresco', scheme: 'https', repository: 'records' }] as const;

/** The certificate of an HTTPS service is exchanged for another one. */
function ofCertificate(fault: {
  name: string;
  summary: string;
  code: TunnelCode;
  validDays: number;
}): TunnelFault {
  const { validDays, ...described } = fault;
  return atSite({
    ...described,
    repositories: https,
    start: async ({ services: [service] }) => {
      await service?.certify(validDays);
      return () => service?.certify(400);
    },
  });
}

const withUri = (change: Partial<ConnectRepository['uri']>) => (repositories: readonly ConnectRepository[]) =>
  repositories.map((one) => ({ ...one, uri: { ...one.uri, ...change } }));

async function registerAgain({ clientId, publicKey, ke }: TenantSite): Promise<void> {
  await ke(['add', clientId, '-f', '--pub-key', '/dev/stdin'], publicKeyLine(publicKey));
}

export const tunnelFaults: readonly TunnelFault[] = [
  atSite({
    name: 'connect-killed',
    summary: 'Connect is killed and does not start again',
    code: 'T-3001',
    start: async ({ connect }) => {
      connect.kill();
      return connect.start;
    },
  }),
  atSite({
    name: 'connect-hangs',
    summary: 'Connect hangs (SIGSTOP), and its connection stays open',
    code: 'T-3002',
    start: async ({ connect }) => {
      connect.signal('SIGSTOP');
      return () => connect.signal('SIGCONT');
    },
  }),
  atSite({
    name: 'network-cut',
    summary: 'the network between site and appliance drops all packets',
    code: 'T-3002',
    start: async ({ line }) => {
      line?.cut();
      return () => line?.mend();
    },
  }),
  atSite({
    name: 'wrong-key',
    summary: 'the tenant’s key was replaced on the appliance, and Connect offers the old one',
    code: 'T-3003',
    start: async (site) => {
      const next = generateKeyPair(site.clientId).publicKey;
      await site.ke(['add', site.clientId, '-f', '--pub-key', '/dev/stdin'], publicKeyLine(next));
      return () => registerAgain(site);
    },
  }),
  atSite({
    name: 'never-connected',
    summary: 'the tenant was added, and its Connect has never connected',
    code: 'T-3004',
    start: async (site) => {
      site.connect.kill();
      await site.ke(['remove', site.clientId]);
      await site.ke(['add', site.clientId, '--pub-key', '/dev/stdin'], publicKeyLine(site.publicKey));
      return site.connect.start;
    },
  }),
  {
    on: 'tunnel',
    side: 'operator',
    name: 'suspended',
    summary: 'the tenant is suspended',
    code: 'T-2002',
    start: async ({ clientId, quota, ke }) => {
      await ke(['change', '0', clientId]);
      return () => ke(['change', `${quota}`, clientId]);
    },
  },
  {
    on: 'tunnel',
    side: 'operator',
    name: 'too-many-repositories',
    summary: 'connect.yaml has more repositories than the tenant has ports',
    code: 'T-4005',
    repositories: [
      { service: 'webdav', scheme: 'http', repository: 'dav' },
      { service: 'cq5', scheme: 'http', repository: 'author' },
    ],
    start: async ({ clientId, quota, ke }) => {
      await ke(['change', '1', clientId]);
      return () => ke(['change', `${quota}`, clientId]);
    },
  },
  ofConfiguration({
    name: 'nothing-forwarded',
    summary: 'connect.yaml has no repositories',
    code: 'T-4003',
    change: () => [],
  }),
  ofService({
    name: 'service-refuses',
    summary: 'nothing listens at the address of the service',
    code: 'T-6001',
    condition: 'refuses',
  }),
  ofService({
    name: 'service-behind-firewall',
    summary: 'a firewall drops all packets to the service',
    code: 'T-6002',
    condition: 'unreachable',
  }),
  ofConfiguration({
    name: 'service-without-name',
    summary: 'the host name in connect.yaml can’t be resolved',
    code: 'T-6003',
    change: withUri({ host: 'files.sallyport.invalid' }),
  }),
  ofService({
    name: 'service-silent',
    summary: 'the service accepts connections and never answers',
    code: 'T-6002',
    condition: 'silent',
  }),
  ofService({
    name: 'file-server-silent',
    summary: 'the file server accepts connections and never answers',
    code: 'T-6002',
    condition: 'silent',
    repositories: [{ service: 'smb', scheme: null, repository: 'files' }],
  }),
  ofService({
    name: 'service-resets',
    summary: 'the service resets each connection at once',
    code: 'T-6001',
    condition: 'resets',
  }),
  ofService({
    name: 'service-closes',
    summary: 'the service closes each connection at once',
    code: 'T-6001',
    condition: 'closes',
  }),
  ofService({
    name: 'service-resets-late',
    summary: 'the service resets the connection when the request arrives',
    code: 'T-6204',
    condition: 'resets-late',
  }),
  ofService({
    name: 'service-drips',
    summary: 'the answer arrives at one byte a second',
    code: 'T-6202',
    condition: 'drips',
  }),
  ofService({
    name: 'service-garbage',
    summary: 'the service answers in no known protocol, with terminal controls',
    code: 'T-6201',
    condition: 'garbage',
  }),
  ofService({
    name: 'service-huge-header',
    summary: 'the answer has a header of 8 MB',
    code: 'T-6201',
    condition: 'huge-header',
  }),
  {
    ...ofService({
      name: 'service-slow',
      summary: 'the service answers after two seconds',
      code: 'T-6301',
      condition: 'slow',
    }),
    side: 'network',
  },
  ofConfiguration({
    name: 'http-instead-of-https',
    summary: 'connect.yaml says https, and the service speaks HTTP',
    code: 'T-6101',
    change: withUri({ scheme: 'https' }),
  }),
  ofConfiguration({
    name: 'path-not-found',
    summary: 'there is nothing at the path in connect.yaml',
    code: 'T-6203',
    repositories: [{ service: 'cmis', scheme: 'http', repository: 'documents' }],
    change: withUri({ path: '/moved-away' }),
  }),
  ofCertificate({
    name: 'certificate-expired',
    summary: 'the certificate of the service has expired',
    code: 'T-6102',
    validDays: -3,
  }),
  ofCertificate({
    name: 'certificate-expires-soon',
    summary: 'the certificate of the service expires in a few days',
    code: 'T-6103',
    validDays: 5,
  }),
];
