export const deploymentNames = ['container', 'service', 'openssh'] as const;
/** How a tenant's site runs its end of the connection. */
export type Deployment = (typeof deploymentNames)[number];

type DeploymentFacts = {
  label: string;
  description: string;
  /** Whether the site runs Connect, which reads the mounted or installed connect.yaml and key. */
  runsConnect: boolean;
  /** Whether it has its own loopback and files. It then only sees mounted paths and keeps no known host keys. */
  isIsolated: boolean;
};

export const deployments = {
  container: {
    label: 'Connect in a container',
    description: 'docker or podman',
    runsConnect: true,
    isIsolated: true,
  },
  service: {
    label: 'Connect as a service',
    description: 'systemd or init scripts',
    runsConnect: true,
    isIsolated: false,
  },
  openssh: {
    label: 'plain OpenSSH',
    description: 'ssh -R, without Connect',
    runsConnect: false,
    isIsolated: false,
  },
} as const satisfies Record<Deployment, DeploymentFacts>;

/** Folder of Connect's files, in its container and as a service **[doc]**. */
const connectFolder = '/etc/kloudless';
export const connectYamlPath = `${connectFolder}/connect.yaml`;
export const connectKeyPath = `${connectFolder}/ssh_key.priv`;
/** Log of the Connect that reads `connect.yaml`; for another file, its name replaces the last word **[doc]**. */
export const connectLogPath = '/var/log/supervisord/ke_connect_connect.log';
export const connectServiceName = 'kloudless_connect';
export const connectImage = 'kloudless/customer-proxy:1.0';

/** The key path in the published example of connect.yaml **[doc]**. The published run line mounts no key there. */
export const exampleKeyPath = `${connectFolder}/connect_key.priv`;

/** Whether the run line mounts the key at this path of connect.yaml. A relative path starts in that folder. */
export function isMountedKeyPath(path: string): boolean {
  return [connectKeyPath, 'ssh_key.priv', './ssh_key.priv'].includes(path);
}
