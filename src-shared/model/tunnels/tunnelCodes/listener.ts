import {
  onOurSideFirst,
  openUntested,
  type CustomerFacts,
  type TunnelCodeFacts,
  type TunnelFacts,
} from './tunnelCode.ts';

const listener = { layer: 'listener', proof: ['listener', 'ended', 'accepted', 'change'] } as const;
const fine = { ...listener, state: 'ok', side: 'none' } as const;
const fault = { ...listener, state: 'fail', side: 'tenant', ask: 'tenant' } as const;

type Refused = { refusedForward: NonNullable<CustomerFacts['refusedForward']> };

function insteadOf({ refusedForward: { instead, needsReconnect } }: Refused): string {
  if (needsReconnect) return ' Disconnect and connect again, so that the present ports apply.';
  if (instead === null) return '';
  return ` Forward ${instead} instead, for example with ssh -R ${instead}:HOST:PORT.`;
}

function nextAfterRefusal({ refusedForward: { instead, needsReconnect } }: Refused): string {
  if (needsReconnect)
    return 'Ask the customer to disconnect and connect again, so that the present ports apply.';
  if (instead === null) return 'The tenant has no ports. Set its quota.';
  return `Ask the customer to forward ${instead} instead: ssh -R ${instead}:HOST:PORT.`;
}

/** One text if sshd refused a forward of this session, another if not. */
function whenRefused<Facts extends CustomerFacts, Value>(
  refused: (facts: Facts & Refused) => Value,
  otherwise: (facts: Facts) => Value,
): (facts: Facts) => Value {
  return (facts) => {
    const { refusedForward } = facts;
    return refusedForward === null ? otherwise(facts) : refused({ ...facts, refusedForward });
  };
}

export const listenerCodes = {
  'T-4000': {
    ...fine,
    proof: ['accepted', 'listener'],
    word: 'listening',
    help: 'The port is bound by the tenant’s live session. Nothing behind the listener has been tested. The tunnel is green, or grey if its last test failed and no longer counts (too old, or in an earlier session).',
    meaning:
      'The first four layers are fine: the appliance listens for this tunnel, and a live session holds the port. The service behind it was not tested.',
    next: ({ destination }) => `Test the tunnel to see whether ${destination} answers.`,
    customer: openUntested,
    nextCommand: 'probe',
  },
  'T-4001': {
    ...fault,
    word: 'not listening',
    help: 'Announced, but nothing listens on the port.',
    meaning: ({ tenant, port }) =>
      `${tenant} is connected and announced port ${port}, but nothing listens on it.`,
    next: 'Ask the customer to reload Connect. It then requests the forward again.',
    customer: {
      seen: 'Your site is connected, but this connection was not opened.',
      checks: ['Reload Connect.', 'Does its log say that a forward was refused?'],
    },
  },
  'T-4002': {
    ...listener,
    state: 'fail',
    side: 'appliance',
    word: 'stale listener',
    help: 'Stale listener: the port is bound, but no live session holds it.',
    meaning: ({ tenant, port, appliance, seenAt }) =>
      seenAt === null
        ? `Another process on ${appliance} holds port ${port}, so ${tenant} can’t bind it. No session of ${tenant} was ever seen.`
        : `Port ${port} is held without a live session, so ${tenant} can’t bind it again. The cause is usually an old connection whose client is gone.`,
    ask: ({ appliance, seenAt }) =>
      seenAt === null ? `the administrator of ${appliance}: Which process is it, and can it be ended?` : null,
    next: ({ seenAt }) =>
      seenAt === null
        ? 'The process is not a tenant’s connection, so this console can’t end it.'
        : 'The customer has nothing to do. The appliance’s sshd drops an old connection after the keep-alive timeout; “End stale listener” ends it at once. This console doesn’t end other processes on the port.',
    customer: {
      seen: 'On our side, the port of this connection is still in use, usually by an earlier connection.',
      checks: [onOurSideFirst],
    },
    nextCommand: 'release',
    isPortHeld: true,
  },
  'T-4003': {
    ...listener,
    state: 'warn',
    side: 'tenant',
    word: 'nothing forwarded',
    help: 'The session is up but forwards nothing. If sshd refused a forward, the diagnosis says what was asked for and what to ask for instead.',
    meaning: whenRefused(
      ({ tenant, appliance, refusedForward: { asked, reason } }: TunnelFacts & Refused) =>
        `${tenant} is connected, but ${appliance} refused its forward. It asked for ${asked}; ${reason}.`,
      ({ tenant }) => `${tenant} is connected but forwards no port.`,
    ),
    ask: 'tenant',
    next: whenRefused(
      (facts: TunnelFacts & Refused) => nextAfterRefusal(facts),
      () => 'Ask the customer to add a repository and reload Connect, or to forward ports with ssh -R.',
    ),
    customer: {
      seen: whenRefused(
        ({ refusedForward: { asked, reason } }: CustomerFacts & Refused) =>
          `Your site is connected, but its forward was refused. It asked for ${asked}; ${reason}.`,
        () => 'Your site is connected but opens no connection.',
      ),
      checks: whenRefused(
        (facts: CustomerFacts & Refused): readonly string[] => [
          `Which ports does your ssh command or your program forward?${insteadOf(facts)}`,
        ],
        () => ['Does connect.yaml name any repositories?', 'Was Connect reloaded after the last change?'],
      ),
    },
  },
  'T-4004': {
    ...listener,
    state: 'fail',
    side: 'operator',
    word: 'port not allocated',
    help: 'The port is not one of the tenant’s ports.',
    meaning: ({ tenant, port }) => `Port ${port} is not one of ${tenant}’s ports.`,
    next: 'The tenant’s quota may have been reduced. Raise the quota, or ask the customer to reload Connect, which then uses one of the tenant’s ports.',
    customer: {
      seen: 'Your site uses a port that is no longer yours.',
      checks: ['Reload Connect so that it takes one of your ports.'],
    },
  },
  'T-4005': {
    ...listener,
    state: 'fail',
    side: 'operator',
    word: 'quota exceeded',
    help: 'Quota exceeded: Connect has this repository, but no port is left for it.',
    meaning: ({ tenant }) => `${tenant} has more repositories than ports.`,
    next: 'Raise the tenant’s quota. Connect then takes the new ports automatically.',
    customer: {
      seen: ({ destination }) =>
        `Your site has more repositories than ports. No port is left for ${destination}.`,
      checks: ['Tell us how many repositories you need, or remove those that you don’t need.'],
    },
    nextCommand: 'change',
  },
  'T-4006': {
    ...listener,
    state: 'fail',
    side: 'appliance',
    word: 'port taken',
    help: 'Another program on the appliance, or a session of another tenant, holds the port, so the tenant can’t use it.',
    meaning: ({ tenant, port, appliance, holder }) =>
      `Port ${port} on ${appliance} is held by ${holder ?? 'another process'}, so ${tenant} can’t use it.`,
    ask: ({ appliance, port, holder }) =>
      `the administrator of ${appliance}: Why does ${holder ?? 'another process'} use port ${port}, and can it be ended?`,
    next: 'This console can’t end the process, because it is no connection of this tenant. When it has ended, Connect takes the port automatically; an ssh client takes it when it connects again.',
    customer: {
      seen: 'On our side, another program uses the port of this connection.',
      checks: [onOurSideFirst],
    },
    isPortHeld: true,
  },
  'T-4007': {
    ...listener,
    state: 'fail',
    side: 'appliance',
    word: 'forwarding off',
    help: 'The session is up, but the settings of the appliance’s sshd permit no forward. The listener layer names the setting.',
    meaning: ({ tenant, appliance }) =>
      `${tenant} is connected, but sshd on ${appliance} permits tenants no forward.`,
    ask: ({ appliance }) =>
      `the administrator of ${appliance}: Which file in /etc/ssh sets this? Was it a hardening tool?`,
    next: ({ appliance }) =>
      `Have the setting removed on ${appliance} and sshd reloaded. Connect then has to log in again.`,
    customer: {
      seen: 'Your site is connected, but our side opens no connection.',
      checks: [onOurSideFirst],
    },
  },
} satisfies Record<string, TunnelCodeFacts>;
