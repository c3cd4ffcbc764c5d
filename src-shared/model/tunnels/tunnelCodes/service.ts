import { secondMs } from '../../../base/time.ts';
import { maxAnswerMs, maxRefusalMs } from '../answerLimits.ts';
import type { FaultCause } from '../probe.ts';
import { openUntested, type CustomerFacts, type TunnelCodeFacts } from './tunnelCode.ts';

const service = { layer: 'service', proof: ['upstream', 'accepted'] } as const;
const fine = { ...service, state: 'ok', side: 'none' } as const;
const unknown = { ...service, state: 'unknown', side: 'none' } as const;
const fault = {
  ...service,
  state: 'fail',
  side: 'tenant',
  ask: 'tenant',
  isEvidenceForCustomer: true,
} as const;

/** What to do, and what the customer checks, for each cause of a failed handshake. */
const tlsSteps = createSteps({
  'speaks-no-tls': [
    'Ask the customer to change the scheme in connect.yaml to http, or to switch on TLS in the service.',
    ['Is the scheme in connect.yaml right? It says https, and the port speaks no TLS.'],
  ],
  'old-version': [
    'Ask the customer to switch on TLS 1.2 or later in the service.',
    ['Switch on TLS 1.2 or later in this service.'],
  ],
  'wants-certificate': [
    'Tests have no client certificate, so they can’t see further. Ask the customer whether the service must have one.',
    ['The service asks for a client certificate. Is it meant to, and does its user have one?'],
  ],
  'unknown-name': [
    'Ask the customer to change the host name in connect.yaml to one that the service knows.',
    ['Does the service know the host name in connect.yaml? It refuses this name.'],
  ],
  other: [
    'Ask the customer to fix the TLS configuration of the service.',
    [
      'Does the service use TLS on this port? connect.yaml says so.',
      'Was its TLS configuration or certificate changed?',
    ],
  ],
});

/** The same for an answer in the wrong protocol. */
const protocolSteps = createSteps({
  'old-version': [
    'connect.yaml is right. Ask the customer to switch on SMB 2 or later in the service.',
    ['Switch on SMB 2 or later in this service. SMB 1 is not supported.'],
  ],
  redirect: [
    'Ask the customer to change connect.yaml to where the redirect leads and reload Connect, or to remove the redirect.',
    ['The service redirects. Should connect.yaml name the place to which it leads?'],
  ],
  'wants-proxy-header': [
    'Ask the customer for a port without the PROXY protocol.',
    ['The service expects the PROXY protocol. Can connect.yaml name a port without it?'],
  ],
  'web-page': [
    'Ask the customer what answers on this port.',
    [
      'A web page answers instead of the service. Does a proxy, a firewall or a login page of the network answer?',
      'Are service, scheme, port and path in connect.yaml correct?',
    ],
  ],
  'speaks-tls': [
    'Ask the customer to change the scheme in connect.yaml to https and reload Connect.',
    ['Is the scheme in connect.yaml right? It says otherwise, and the port speaks TLS.'],
  ],
  other: [
    'Ask the customer to correct connect.yaml and reload Connect.',
    ['Are service, scheme and port in connect.yaml correct?'],
  ],
});

/** The same for a service that answers with an error. */
const failureSteps = createSteps({
  gateway: [
    'Ask the customer to check the proxy in front of the service.',
    ['A proxy answers. Does the service behind it run, and can the proxy reach it?'],
  ],
  unavailable: ['Test again later.', ['Is the service overloaded or in maintenance?']],
  other: ['No action on our side.', ['What does the log of that service say?']],
});

type Steps = readonly [next: string, checks: readonly string[]];

function createSteps(steps: Partial<Record<FaultCause, Steps>> & { other: Steps }) {
  const of = ({ cause }: CustomerFacts) => (cause === null ? steps.other : (steps[cause] ?? steps.other));
  return {
    next: (facts: CustomerFacts) => of(facts)[0],
    checks: (facts: CustomerFacts) => of(facts)[1],
  };
}

function describeFailure({ destination, cause }: CustomerFacts): string {
  if (cause === 'gateway')
    return `A proxy answers for ${destination}, but gets no good answer from the service.`;
  if (cause === 'unavailable') return `${destination} answers that it is not available now.`;
  return `${destination} answers with an error of its own.`;
}

export const serviceCodes = {
  'T-6000': {
    ...fine,
    word: 'answering',
    help: 'The service answers in the protocol that connect.yaml names.',
    meaning: ({ destination }) => `All six layers are fine: ${destination} answers in its protocol.`,
    customer: { seen: ({ destination }) => `Everything works: ${destination} answers.` },
  },
  'T-6001': {
    ...fault,
    word: 'upstream refused',
    help: 'Upstream refused: the connection is closed at once, even before the test sends anything.',
    meaning: 'The tunnel works, but the service refuses connections.',
    next: 'No action on our side.',
    customer: {
      seen: ({ destination }) => `Your site is connected, but ${destination} refuses connections.`,
      checks: ({ destination }) => [
        `Is ${destination} up?`,
        'Can the machine that runs Connect reach it?',
        'Are host and port in connect.yaml correct?',
      ],
    },
  },
  'T-6002': {
    ...fault,
    word: 'service silent',
    help: `No data within ${maxAnswerMs / secondMs} s, although the tenant’s client was alive, or the connection ended after more than ${maxRefusalMs / secondMs} s without data. With plain OpenSSH, the code means only that nothing came back.`,
    meaning: ({ destination, isPlain }) =>
      isPlain
        ? 'The connection opens, but nothing comes back. Plain OpenSSH doesn’t say whether its client or the service behind it hangs.'
        : `The connection opens and Connect at the tenant’s site is alive, but ${destination} doesn’t answer.`,
    next: 'Test again after they have checked.',
    customer: {
      seen: ({ destination }) => `Your site is connected, but ${destination} doesn’t answer.`,
      checks: ({ destination }) => [
        `Does ${destination} hang?`,
        'Could a firewall be dropping packets between Connect and the service?',
      ],
    },
    nextCommand: 'probe',
  },
  'T-6003': {
    ...fault,
    word: 'name not resolved',
    help: 'Connect reports that it can’t resolve the host name of the service. The layer quotes it.',
    meaning: ({ destination }) =>
      `The tunnel works, but Connect can’t resolve the host name of ${destination}, so it connects to nothing.`,
    next: 'Test again after they have checked.',
    customer: {
      seen: ({ destination }) =>
        `Your site is connected, but Connect can’t resolve the host name of ${destination}.`,
      checks: [
        'Is the host name in connect.yaml correct?',
        'Does the machine that runs Connect resolve the name (getent hosts NAME)?',
        'Does that machine reach its DNS server?',
      ],
    },
    nextCommand: 'probe',
  },
  'T-6004': {
    ...fault,
    word: 'no route',
    help: 'Connect reports that its computer has no route to the service, or that the service’s computer does not answer on its network. The layer quotes it.',
    meaning: ({ destination }) =>
      `The tunnel works, but the machine that runs Connect has no route to ${destination}.`,
    next: 'Test again after they have checked.',
    customer: {
      seen: ({ destination }) =>
        `Your site is connected, but the machine that runs Connect has no route to ${destination}.`,
      checks: ({ destination }) => [
        `Is the computer of ${destination} switched on and connected?`,
        'Is the address in connect.yaml correct?',
        'Was a route, a VPN or a network interface of the machine that runs Connect changed (ip route)?',
      ],
    },
    nextCommand: 'probe',
  },
  'T-6005': {
    ...fault,
    word: 'Connect can’t connect',
    help: 'Connect reports that its own computer can’t open the connection, e.g. because a local firewall forbids it or ports or open files have run out. The layer quotes it.',
    meaning: ({ destination }) =>
      `The tunnel works, but the machine that runs Connect can’t open a connection to ${destination}.`,
    next: 'Test again after they have checked.',
    customer: {
      seen: ({ destination }) =>
        `Your site is connected, but the machine that runs Connect can’t open a connection to ${destination}.`,
      checks: [
        'Does a firewall or a security policy on that machine forbid it?',
        'Has that machine run out of ports, open files or memory?',
        'What does the log of Connect say?',
      ],
    },
    nextCommand: 'probe',
  },
  'T-6006': {
    ...fault,
    side: 'network',
    word: 'large requests lost',
    help: 'The service answers a small request, and the same request with about 4 kB is not answered: packets above a certain size get lost between Connect and the service. Transfers of files fail.',
    meaning: ({ destination }) =>
      `${destination} answers small requests, but large packets get lost between Connect and the service. Transfers of files fail.`,
    next: 'Ask the customer to let ICMP “fragmentation needed” pass, or to lower the MTU on the way from Connect to the service. Then test again.',
    customer: {
      seen: ({ destination }) =>
        `${destination} answers small requests, but large packets get lost on the way to it.`,
      checks: ({ destination }) => [
        `Is the MTU the same on the whole way from the machine that runs Connect to ${destination}?`,
        'Does a firewall, VPN or virtual network on that way drop large packets or ICMP “fragmentation needed”?',
      ],
    },
    nextCommand: 'probe',
  },
  'T-6010': {
    ...fine,
    word: 'asks for a login',
    help: 'The service answers and asks for a login. Tests never log in.',
    meaning: ({ destination }) =>
      `${destination} answers and asks for a login. Tests never log in, so nothing behind the login is tested.`,
    customer: {
      seen: ({ destination }) =>
        `${destination} answers and asks for a login, as it should. We don’t log in when we test.`,
    },
  },
  'T-6101': {
    ...fault,
    word: 'TLS broken',
    help: 'The TLS handshake fails, or something other than TLS answers. The service layer names the alert, or what answers.',
    meaning: 'The TLS handshake with the service fails.',
    next: tlsSteps.next,
    customer: {
      seen: ({ destination }) => `${destination} can be reached, but a TLS connection can’t be set up.`,
      checks: tlsSteps.checks,
    },
  },
  'T-6102': {
    ...fault,
    word: 'certificate expired',
    help: 'The certificate has expired, or is not valid yet.',
    meaning: ({ destination }) => `The certificate of ${destination} is not valid today.`,
    next: 'Test again after it is renewed.',
    customer: {
      seen: ({ destination }) => `The certificate of ${destination} is not valid today.`,
      checks: ['Renew the certificate.', 'If it looks fine, is the clock of that machine correct?'],
    },
    nextCommand: 'probe',
  },
  'T-6103': {
    ...service,
    isEvidenceForCustomer: true,
    state: 'warn',
    side: 'tenant',
    word: 'certificate expires soon',
    help: 'The certificate expires within 21 days.',
    meaning: ({ destination }) => `The certificate of ${destination} expires soon.`,
    ask: 'tenant',
    next: 'The tunnel works until then.',
    customer: {
      seen: ({ destination }) => `${destination} answers, but its certificate expires soon.`,
      checks: ['Renew the certificate before it expires.'],
    },
  },
  'T-6201': {
    ...fault,
    word: 'wrong protocol',
    help: 'Something answers, but not in the protocol that connect.yaml names, or only with a redirect to another place. The service layer says what it speaks and where a redirect leads.',
    meaning: ({ destination }) => `Something answers at ${destination}, but not as connect.yaml says.`,
    next: protocolSteps.next,
    customer: {
      seen: ({ destination }) => `Something answers at ${destination}, but not as connect.yaml says.`,
      checks: protocolSteps.checks,
    },
  },
  'T-6202': {
    ...fault,
    word: 'service fails',
    help: 'The service, or a proxy in front of it, answers with an error, or the answer ends early. The service layer quotes it.',
    meaning: describeFailure,
    next: failureSteps.next,
    customer: { seen: describeFailure, checks: failureSteps.checks },
  },
  'T-6203': {
    ...fault,
    word: 'path not found',
    help: 'The service answers, but there is nothing at the path.',
    meaning: ({ destination }) => `The service answers, but not at the path of ${destination}.`,
    next: 'Ask the customer to correct connect.yaml and reload Connect.',
    customer: {
      seen: ({ destination }) => `${destination} can be reached, but there is nothing at this path.`,
      checks: ['Is the path in connect.yaml correct?'],
    },
  },
  'T-6204': {
    ...fault,
    word: 'closed unanswered',
    help: 'The service accepts connections, but closes them without an answer as soon as the test has sent its request.',
    meaning: ({ destination }) =>
      `${destination} accepts a connection, but closes it without an answer to the request.`,
    next: 'Have connect.yaml checked: the port may belong to another service, or to http instead of https.',
    customer: {
      seen: ({ destination }) =>
        `${destination} accepts a connection, but closes it without an answer to our request.`,
      checks: [
        'Are service, scheme and port in connect.yaml correct?',
        'Does the service accept connections from the machine that runs Connect?',
        'What does the log of that service say?',
      ],
    },
  },
  'T-6301': {
    ...service,
    isEvidenceForCustomer: true,
    state: 'warn',
    side: 'network',
    word: 'slow',
    help: 'The service answers, but took more than 1.5 s.',
    meaning: 'Everything answers, but slowly.',
    ask: 'tenant',
    next: 'Check the latency over the day: a single slow answer means little.',
    customer: {
      seen: ({ destination }) => `${destination} answers, but slowly.`,
      checks: ['Is the repository or the site’s network connection overloaded?'],
    },
  },
  'T-6401': {
    ...service,
    state: 'fail',
    side: 'operator',
    word: 'version too old',
    help: 'The service needs a newer appliance or a newer Connect, and doesn’t answer.',
    meaning: ({ destination, appliance }) =>
      `The service of ${destination} needs a newer version of ${appliance} or of Connect.`,
    ask: 'tenant',
    next: 'Ask for an update of the appliance or of Connect. The service layer shows which of them is too old.',
    customer: {
      seen: ({ destination }) => `${destination} needs a newer version than the one in use.`,
      checks: ['Which version of Connect is running (connect version)? The newest one is best.'],
    },
  },
  'T-6998': {
    ...unknown,
    tone: 'ok',
    word: 'forwarding',
    help: 'The port opens, but its service is unknown: plain OpenSSH doesn’t say what it forwards.',
    meaning: ({ tenant }) =>
      `The forward opens. ${tenant} uses plain OpenSSH, which doesn’t say what it forwards, so no protocol was tested.`,
    customer: openUntested,
  },
  'T-6999': {
    ...unknown,
    word: 'service not tested',
    help: 'Not tested, or the last test is too old. The service layer shows when it was.',
    meaning: 'The service was not tested.',
  },
} satisfies Record<string, TunnelCodeFacts>;
