/** Where Connect finds its files **[ours]**: in its container by default, and as a service on Linux. */
export const connectFolder = '/etc/sallyport';
export const connectYamlPath = `${connectFolder}/connect.yaml`;
export const connectKeyPath = `${connectFolder}/ssh_key.priv`;

/**
 * The paths that published examples name for one and the same key **[doc]**: on the host, where the run line mounts it,
 * and in the example of connect.yaml. Nothing mounts the last one.
 */
export const publishedKeyPaths = {
  host: 'ssh_key.priv',
  mounted: '/etc/kloudless/ssh_key.priv',
  example: '/etc/kloudless/connect_key.priv',
} as const;
