import type { TunnelCodeFacts } from './tunnelCode.ts';

const key = { layer: 'key', proof: ['change', 'ended', 'refused'] } as const;
const fine = { ...key, state: 'ok', side: 'none' } as const;
const suspended = {
  seen: 'Your access is suspended on our side.',
  checks: ['If you don’t know the reason, ask us.'],
};

export const keyCodes = {
  'T-2000': {
    ...fine,
    word: 'key registered',
    help: 'The tenant has a public key on the appliance.',
  },
  'T-2001': {
    ...key,
    state: 'fail',
    side: 'operator',
    word: 'no key registered',
    help: 'No public key is registered, so the tenant can’t log in.',
    meaning: ({ tenant, appliance }) => `${appliance} has no public key for ${tenant}, so it can’t log in.`,
    next: 'Rotate the key: register the customer’s public key, or generate a key pair and give the private key to the customer.',
    customer: {
      seen: 'No key is registered for you, so your site can’t log in.',
      checks: ['Send us the public key of your site. Keep the private key to yourself.'],
    },
    nextCommand: 'rotate',
  },
  'T-2002': {
    ...key,
    state: 'warn',
    tone: 'off',
    side: 'operator',
    word: 'suspended',
    help: 'Suspended (quota 0): the key is kept, and no session can start.',
    meaning: ({ tenant }) =>
      `${tenant} is suspended. Its sessions were ended and can’t start again. Its key and ports are kept.`,
    ask: () =>
      'the person who suspended it: the appliance’s log names them. The audit trail has the reason if it was done from this console.',
    next: 'To resume it, choose “Resume” and set its quota.',
    customer: suspended,
    nextCommand: 'resume',
  },
  'T-2003': {
    ...key,
    state: 'fail',
    side: 'appliance',
    word: 'suspended, still connected',
    help: 'Suspended, but a session or a bound port of the tenant is still there.',
    meaning: ({ tenant, appliance }) =>
      `${tenant} is suspended, and ${appliance} should have ended its sessions. One is still there.`,
    ask: ({ appliance }) =>
      `the administrator of ${appliance}: Was the command that suspended it interrupted?`,
    next: ({ tenant }) =>
      `Suspend it again on the appliance: ke_manage_remote_networks change 0 ${tenant}. This ends its remaining sessions.`,
    customer: suspended,
  },
} satisfies Record<string, TunnelCodeFacts>;
