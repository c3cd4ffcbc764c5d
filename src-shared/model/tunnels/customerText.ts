import { registeredKeyOf, type Layered } from './advice.ts';
import type { Tunnel } from './chain.ts';
import type { TunnelCode } from './tunnelLayer.ts';

/**
 * What a customer may be told of each verdict: what is seen, and what they can look at. Nothing of the appliance's inside,
 * of other tenants, or of how it was found out. The registered key is theirs, and public.
 */
type CustomerMessage = { seen: string; look: readonly string[] };

const nothingToDo: readonly string[] = [];
const atUs = 'This is on our side; there is nothing for you to do.';
const wellSoFar: CustomerMessage = { seen: 'We see nothing wrong with this connection.', look: nothingToDo };
const notAnswered: CustomerMessage = {
  seen: 'We can’t see the state of this connection at the moment. That says nothing about your side.',
  look: [atUs],
};

const customerMessages: Record<
  TunnelCode,
  (destination: string, registeredKey: string | null) => CustomerMessage
> = {
  'T-1000': () => wellSoFar,
  'T-1001': () => notAnswered,
  'T-1002': () => notAnswered,
  'T-1003': () => notAnswered,
  'T-2000': () => wellSoFar,
  'T-2001': () => ({
    seen: 'No key is registered for you, so that your site can’t log in.',
    look: ['Send us the public key of your site; keep the private key to yourself.'],
  }),
  'T-2002': () => ({
    seen: 'Your access is suspended on our side.',
    look: ['Ask us why, if you do not know.'],
  }),
  'T-2003': () => ({
    seen: 'Your access is suspended on our side.',
    look: ['Ask us why, if you do not know.'],
  }),
  'T-3000': () => wellSoFar,
  'T-3001': () => ({
    seen: 'Your site is not connected to us.',
    look: [
      'Does Connect (or your ssh client) run?',
      'Does its log name a reason?',
      'May its machine open connections to our address and port, as on the firewall sheet?',
    ],
  }),
  'T-3002': () => ({
    seen: 'Your site was connected, and has not been heard of for a while.',
    look: [
      'Was the machine that runs Connect suspended, unplugged, or moved to another network?',
      'If it looks well, restart Connect.',
    ],
  }),
  'T-3003': (_destination, registeredKey) => ({
    seen: 'Your site tries to log in with another key than the one that is registered for you.',
    look: [
      'Which file does ssh_key in connect.yaml name?',
      `Compare its fingerprint (ssh-keygen -l -f FILE) with the registered one${registeredKey === null ? '' : `: ${registeredKey}`}.`,
    ],
  }),
  'T-4000': () => ({
    seen: 'Your site is connected and this connection is open. What is behind it was not tested.',
    look: nothingToDo,
  }),
  'T-4001': () => ({
    seen: 'Your site is connected, but this connection was not opened.',
    look: ['Reload Connect.', 'Does its log say that a forward was refused?'],
  }),
  'T-4002': () => ({
    seen: 'On our side, something still holds the place of this connection: an earlier one, as a rule.',
    look: [atUs],
  }),
  'T-4003': () => ({
    seen: 'Your site is connected, but opens no connection.',
    look: ['Are there repositories in connect.yaml?', 'Reload Connect after a change.'],
  }),
  'T-4004': () => ({
    seen: 'Your site uses a port that is not yours any more.',
    look: ['Reload Connect, so that it takes one of yours.'],
  }),
  'T-4005': (destination) => ({
    seen: `Your site has more repositories than ports; none is left for ${destination}.`,
    look: ['Tell us how many repositories you need, or take out those that are not needed.'],
  }),
  'T-5000': () => wellSoFar,
  'T-5001': () => ({
    seen: 'This connection is announced, but does not open.',
    look: ['Reload Connect.', 'Does its log say that a forward was refused?'],
  }),
  'T-5002': () => ({
    seen: 'This connection does not answer.',
    look: ['Is the line under load?', 'Does Connect run, and does its log go on?'],
  }),
  'T-5998': () => ({
    seen: 'Your site is connected and this connection is open. What is behind it was not tested.',
    look: nothingToDo,
  }),
  'T-5999': () => wellSoFar,
  'T-6000': (destination) => ({ seen: `All is well: ${destination} answers.`, look: nothingToDo }),
  'T-6001': (destination) => ({
    seen: `Your site is connected, but ${destination} refuses the connection.`,
    look: [
      `Is ${destination} up?`,
      'May the machine that runs Connect reach it?',
      'Are host and port in connect.yaml right?',
    ],
  }),
  'T-6002': (destination) => ({
    seen: `Your site is connected, but ${destination} does not answer.`,
    look: [`Does ${destination} hang?`, 'Does a firewall between Connect and it swallow packets?'],
  }),
  'T-6010': (destination) => ({
    seen: `${destination} answers and asks for a log-in, as it should. We do not log in when we test.`,
    look: nothingToDo,
  }),
  'T-6101': (destination) => ({
    seen: `${destination} is reached, but no encrypted connection (TLS) comes about.`,
    look: [
      'Does it speak TLS on this port? connect.yaml says so.',
      'Was its TLS configuration or certificate changed?',
    ],
  }),
  'T-6102': (destination) => ({
    seen: `The certificate of ${destination} is not valid today.`,
    look: ['Renew it.', 'If it looks fine: is the clock of that machine right?'],
  }),
  'T-6103': (destination) => ({
    seen: `${destination} answers; its certificate runs out soon.`,
    look: ['Renew it before it does.'],
  }),
  'T-6201': (destination) => ({
    seen: `Something answers at ${destination}, but not the service that connect.yaml names.`,
    look: ['Are service, scheme and port in connect.yaml right?'],
  }),
  'T-6202': (destination) => ({
    seen: `${destination} answers with an error of its own.`,
    look: ['What does its own log say?'],
  }),
  'T-6203': (destination) => ({
    seen: `${destination} is reached, but there is nothing at this path.`,
    look: ['Is the path in connect.yaml right?'],
  }),
  'T-6301': (destination) => ({
    seen: `${destination} answers, but slowly.`,
    look: ['Is it, or the line of your site, under load?'],
  }),
  'T-6401': (destination) => ({
    seen: `${destination} needs a newer version than is in use.`,
    look: ['Which version of Connect do you run (connect version)? The newest one is best.'],
  }),
  'T-6998': () => ({
    seen: 'Your site is connected and this connection is open. What is behind it was not tested.',
    look: nothingToDo,
  }),
  'T-6999': () => wellSoFar,
};

/** Text to send to a customer about one of their tunnels. Pure; made of nothing but what is theirs. */
export function customerText(
  tunnel: Layered & Pick<Tunnel, 'code' | 'clientId' | 'destination' | 'group' | 'repository'>,
): string {
  const destination = tunnel.destination ?? 'the service behind it';
  const { seen, look } = customerMessages[tunnel.code](destination, registeredKeyOf(tunnel));
  const name = [tunnel.group, tunnel.repository].filter((part) => part !== null).join('/');
  const subject = [tunnel.clientId, name, tunnel.destination ?? ''].filter((part) => part !== '').join(', ');
  return [
    `Connection: ${subject}`,
    `What we see: ${seen}`,
    ...(look.length === 0 ? [] : ['Please look:', ...look.map((line) => `- ${line}`)]),
    `Code: ${tunnel.code}`,
  ].join('\n');
}
