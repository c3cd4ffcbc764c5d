/** Where Connect finds its files, in its container and as a service **[doc]**. */
const connectFolder = '/etc/kloudless';
export const connectYamlPath = `${connectFolder}/connect.yaml`;
export const connectKeyPath = `${connectFolder}/ssh_key.priv`;
/** Log of the Connect that runs on `/etc/kloudless/connect.yaml`; another file's name takes the place of the last word **[doc]**. */
export const connectLogPath = '/var/log/supervisord/ke_connect_connect.log';
export const connectServiceName = 'kloudless_connect';
export const connectImage = 'kloudless/customer-proxy:1.0';

/** The key path in the published example of connect.yaml **[doc]**. The published run line mounts no key there. */
export const exampleKeyPath = `${connectFolder}/connect_key.priv`;

/** Whether a path in connect.yaml names the key where the run line mounts it; a relative one counts from that folder. */
export function isMountedKeyPath(path: string): boolean {
  return [connectKeyPath, 'ssh_key.priv', './ssh_key.priv'].includes(path);
}
