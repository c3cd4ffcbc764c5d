import type { Tunnel, TunnelCode } from '../../../src-shared/model/chain.ts';

/** What the first failing layer means, whom to ask, and what to do: for somebody with a customer on the phone. */
export type Advice = { meaning: string; ask: string | null; next: string };

type Facts = { tenant: string; appliance: string; port: string; destination: string };

const advice: Record<TunnelCode, (facts: Facts) => Advice> = {
  'T-1000': ({ tenant }) => ({
    meaning: `The appliance answers, and nothing else is known about ${tenant} yet.`,
    ask: null,
    next: 'Ask again in a moment.',
  }),
  'T-1001': ({ appliance }) => ({
    meaning: `${appliance} can’t be reached from this console, so nothing can be said about the tunnel itself.`,
    ask: `Whoever runs ${appliance} and the network in between.`,
    next: 'Look at the appliance’s link first: it names the reason. The tunnel may well be up.',
  }),
  'T-1002': ({ appliance }) => ({
    meaning: `${appliance} has not answered yet in this run of the console.`,
    ask: null,
    next: 'Wait for the first answer, or connect the appliance.',
  }),
  'T-1003': ({ appliance }) => ({
    meaning: `${appliance} is connected but has not answered for longer than it should. What is shown here is old.`,
    ask: `Whoever runs ${appliance}: it may be overloaded or hang.`,
    next: 'Ask it now; if it stays silent, disconnect and connect again.',
  }),
  'T-2000': ({ tenant }) => ({ meaning: `${tenant} has a key.`, ask: null, next: 'Nothing to do here.' }),
  'T-2001': ({ tenant, appliance }) => ({
    meaning: `${appliance} knows ${tenant} but holds no public key for it, so it can’t log in.`,
    ask: null,
    next: 'Give it a key on the appliance (add with -f), and bring the private key to the customer.',
  }),
  'T-2002': ({ tenant }) => ({
    meaning: `${tenant} is suspended: its sessions were ended and can’t come back. Its key and ports are kept.`,
    ask: 'Whoever suspended it; the audit trail has the reason.',
    next: 'Resume it by giving it its number of ports again.',
  }),
  'T-2003': ({ tenant, appliance }) => ({
    meaning: `${tenant} is suspended, and ${appliance} should have ended its sessions; one is still there.`,
    ask: `Whoever runs ${appliance}: the command that suspended it may have been cut off.`,
    next: 'Suspend it once more (change 0): that ends what is left.',
  }),
  'T-3000': ({ tenant }) => ({ meaning: `${tenant} has a session.`, ask: null, next: 'Nothing to do here.' }),
  'T-3001': ({ tenant, appliance }) => ({
    meaning: `${tenant} may log in but is not: no connection from the customer’s site has arrived.`,
    ask: `${tenant}: does Connect run, and does its firewall let it out to ${appliance}’s SSH port?`,
    next: 'If it tries with a wrong key, the appliance’s syslog shows refused log-ins.',
  }),
  'T-3002': ({ tenant }) => ({
    meaning: `The connection is still open on the appliance, but the Connect behind it has missed three heartbeats.`,
    ask: `${tenant}: was the machine suspended, unplugged, or moved to another network?`,
    next: 'It comes back by itself when the customer’s side does; otherwise have Connect restarted.',
  }),
  'T-4000': ({ destination }) => ({
    meaning:
      'The first four layers are well: the appliance listens for this tunnel and a live session stands behind it.',
    ask: null,
    next: `Whether ${destination} answers behind it is not tested yet.`,
  }),
  'T-4001': ({ tenant, port }) => ({
    meaning: `${tenant} is connected and announced port ${port}, but nothing listens there.`,
    ask: `${tenant}: does Connect’s log say that the forward was refused?`,
    next: 'Have Connect reloaded; it asks for the forward again.',
  }),
  'T-4002': ({ tenant, port, appliance }) => ({
    meaning: `An old connection still holds port ${port} though its client is gone, so that ${tenant} can’t bind it anew.`,
    ask: `Nobody at the customer’s: ${appliance} must let go.`,
    next: 'The appliance’s sshd drops it after its keep-alive; ending that process frees the port at once.',
  }),
  'T-4003': ({ tenant }) => ({
    meaning: `${tenant} is connected but forwards no port.`,
    ask: `${tenant}: are there repositories in connect.yaml?`,
    next: 'Have a repository added and Connect reloaded.',
  }),
  'T-4004': ({ tenant, port }) => ({
    meaning: `Port ${port} is not among those allotted to ${tenant}.`,
    ask: null,
    next: 'Its allowance may have shrunk: raise it, or have Connect reloaded so that it takes an allotted port.',
  }),
  'T-5999': () => ({ meaning: 'The forward was not tested.', ask: null, next: 'Nothing to do here.' }),
  'T-6999': () => ({ meaning: 'The service was not tested.', ask: null, next: 'Nothing to do here.' }),
};

export function adviseOn(
  tunnel: Pick<Tunnel, 'code' | 'clientId' | 'port' | 'destination'>,
  appliance: string,
): Advice {
  return advice[tunnel.code]({
    tenant: tunnel.clientId,
    appliance,
    port: tunnel.port === null ? '' : String(tunnel.port),
    destination: tunnel.destination ?? 'the service',
  });
}
