export const deploymentNames = ['container', 'service', 'openssh'] as const;
/** How a tenant's site connects to the appliance. */
export type Deployment = (typeof deploymentNames)[number];

type DeploymentFacts = {
  label: string;
  description: string;
  /** Whether the site runs Connect. Connect reads connect.yaml and its key from fixed paths. */
  runsConnect: boolean;
  /**
   * Whether it runs in a container, with its own loopback and files: it sees only mounted paths and forgets
   * known host keys.
   */
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
/**
 * Log of the Connect that reads `connect.yaml`. If that YAML file has another name, e.g. `site.yaml`, the log
 * is `ke_connect_site.log` **[doc]**.
 */
export const connectLogPath = '/var/log/supervisord/ke_connect_connect.log';
export const connectServiceName = 'kloudless_connect';
export const connectImage = 'kloudless/customer-proxy:1.0';

/**
 * The key path in the documented example of connect.yaml **[doc]**. The documented `docker run` command
 * mounts the key at another path.
 */
export const exampleKeyPath = `${connectFolder}/connect_key.priv`;

/**
 * Whether the `docker run` command mounts the key at this path. A relative path starts in Connect's folder.
 */
export function isMountedKeyPath(path: string): boolean {
  return [connectKeyPath, 'ssh_key.priv', './ssh_key.priv'].includes(path);
}
