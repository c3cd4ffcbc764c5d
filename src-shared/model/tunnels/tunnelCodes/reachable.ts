import { onOurSide, type TunnelCodeFacts } from './tunnelCode.ts';

const reachable = { layer: 'reachable', proof: [] } as const;
const fine = { ...reachable, state: 'ok', side: 'none' } as const;
const unknown = { ...reachable, state: 'unknown', side: 'none' } as const;
const notSeen = {
  seen: 'We can’t see the state of this connection at the moment. This says nothing about your side.',
  checks: [onOurSide],
};

export const reachableCodes = {
  'T-1000': {
    ...fine,
    word: 'appliance reachable',
    help: 'The appliance answers over SSH, and its last answer is recent.',
    meaning: ({ tenant }) => `The appliance answers. Nothing else is known about ${tenant} yet.`,
    next: 'Refresh in a moment.',
  },
  'T-1001': {
    ...reachable,
    state: 'warn',
    // The appliance needs attention, but its tunnels may be working.
    tone: 'unknown',
    side: 'network',
    word: 'appliance unreachable',
    help: 'The console can’t reach the appliance. The reachable layer gives the reason.',
    meaning: ({ appliance }) =>
      `${appliance} can’t be reached from this console, so the state of the tunnel is unknown.`,
    ask: ({ appliance }) => `the administrators of ${appliance} and of the network in between.`,
    next: 'Check the appliance’s connection first: it shows the reason. The tunnel itself may be up.',
    customer: notSeen,
  },
  'T-1002': {
    ...unknown,
    word: 'not checked yet',
    help: 'The appliance hasn’t answered since its connection came up. What was seen before an interruption is shown as last known.',
    meaning: ({ appliance }) =>
      `${appliance} hasn’t answered since its connection came up, so the state of the tunnel is unknown.`,
    next: 'Wait for the first answer, or connect the appliance.',
    customer: notSeen,
  },
  'T-1003': {
    ...reachable,
    state: 'warn',
    tone: 'unknown',
    side: 'appliance',
    word: 'last answer too old',
    help: 'The appliance is connected, but its last answer is more than 30 s old.',
    meaning: ({ appliance }) =>
      `${appliance} is connected but hasn’t answered for more than 30 s. The values shown here are old.`,
    ask: ({ appliance }) => `the administrator of ${appliance}: Is it overloaded, or does it hang?`,
    next: 'Refresh. If it still doesn’t answer, disconnect and connect again.',
    customer: notSeen,
  },
} satisfies Record<string, TunnelCodeFacts>;
