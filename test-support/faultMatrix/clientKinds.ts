/** The programs with which a tenant may open tunnels. */
export const clientKinds = ['connect', 'autossh', 'ssh'] as const;
export type ClientKind = (typeof clientKinds)[number];
export const clientNames = {
  connect: 'Connect',
  autossh: 'autossh',
  ssh: '`ssh -R`',
} as const satisfies Record<ClientKind, string>;
