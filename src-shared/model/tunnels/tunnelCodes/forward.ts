import { openUntested, type TunnelCodeFacts } from './tunnelCode.ts';

const forward = { layer: 'forward', proof: ['upstream', 'listener', 'ended', 'accepted'] } as const;
const fine = { ...forward, state: 'ok', side: 'none' } as const;
const unknown = { ...forward, state: 'unknown', side: 'none' } as const;

export const forwardCodes = {
  'T-5000': {
    ...fine,
    word: 'forward opens',
    help: 'A TCP connection through the forward opens.',
    next: ({ destination }) => `It is not known yet whether ${destination} answers in its protocol.`,
  },
  'T-5001': {
    ...forward,
    state: 'fail',
    side: 'appliance',
    word: 'forward refused',
    help: 'The port is listed as bound, but the appliance refuses a connection to it.',
    meaning: ({ port }) => `The appliance lists port ${port} as bound, but a connection to it was refused.`,
    ask: 'tenant',
    next: 'Test again. If it is still refused, ask the customer to reload Connect.',
    customer: {
      seen: 'This connection is announced but doesn’t open.',
      checks: [
        'Was Connect restarted just now? If not, reload it.',
        'Does its log say that a forward was refused?',
      ],
    },
    nextCommand: 'probe',
  },
  'T-5002': {
    ...forward,
    state: 'fail',
    side: 'network',
    word: 'forward silent',
    help: 'A connection to the port got no answer within 5 s.',
    meaning: ({ port }) => `A connection to port ${port} on the appliance got no answer.`,
    ask: 'tenant',
    next: 'Test again. If there is still no answer, ask the customer to restart Connect.',
    customer: {
      seen: 'This connection doesn’t answer.',
      checks: [
        'Is the network connection overloaded?',
        'Was the machine that runs Connect suspended?',
        'Is Connect running, and is its log up to date?',
      ],
    },
    nextCommand: 'probe',
  },
  'T-5003': {
    ...forward,
    state: 'fail',
    side: 'network',
    word: 'large packets lost',
    help: 'Small requests passed through the tunnel. After one of about 4 kB, nothing passed any more: large packets get lost between the site and the appliance, and the session waits for them.',
    meaning: ({ appliance }) =>
      `Large packets get lost between the tenant’s site and ${appliance}, so the whole session stops when data is sent.`,
    ask: 'tenant',
    next: 'Ask the customer to let ICMP “fragmentation needed” pass, or to lower the MTU or the TCP MSS on the VPN or firewall in between.',
    customer: {
      seen: 'Small packets pass between your site and us, and large ones get lost.',
      checks: [
        'Is there a VPN, PPPoE or tunnel in between with a smaller MTU?',
        'Does a firewall drop ICMP “fragmentation needed”?',
        'Would a TCP MSS of 1300 on the way out help?',
      ],
    },
    nextCommand: 'probe',
  },
  'T-5998': {
    ...forward,
    state: 'unknown',
    tone: 'ok',
    side: 'appliance',
    word: 'listening',
    help: 'Can’t be tested: the appliance’s sshd doesn’t allow this login to open connections.',
    meaning: ({ appliance }) =>
      `The appliance listens for this tunnel, and a live session holds the port. The forward can’t be tested: this console’s login may not open connections on ${appliance}.`,
    ask: ({ appliance }) =>
      `the administrator of ${appliance}: Its sshd must permit local forwarding to 127.0.0.1 for this user.`,
    next: 'Until then, only the first four layers are known.',
    customer: openUntested,
  },
  'T-5999': {
    ...unknown,
    word: 'forward not tested',
    help: 'Not tested, or the last test is too old. The forward layer shows when it was.',
    meaning: 'The forward was not tested.',
  },
} satisfies Record<string, TunnelCodeFacts>;
