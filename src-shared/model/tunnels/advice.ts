import type { Layer, Tunnel, TunnelCode } from './chain.ts';
import { formatInstant } from '../../base/time.ts';

/** Where the fault lies, and so whose it is to mend; `network` is what lies between the two sides. */
export type Side = 'none' | 'appliance' | 'tenant' | 'network' | 'operator';

/** What the first failing layer means, whom to ask, and what to do: for somebody with a customer on the phone. */
export type Advice = { meaning: string; ask: string | null; next: string; side: Side };

type Facts = {
  tenant: string;
  appliance: string;
  port: string;
  destination: string;
  isPlain: boolean;
  /** When a session of it was last seen; null where none ever was. */
  seenAt: string | null;
  /** The registered key, as layer two tells it. */
  registeredKey: string | null;
};

const advice: Record<TunnelCode, (facts: Facts) => Omit<Advice, 'side'>> = {
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
    ask: 'Whoever suspended it: the appliance’s log names them. The audit trail has the reason if it was done from this console.',
    next: 'Resume it by giving it its number of ports again.',
  }),
  'T-2003': ({ tenant, appliance }) => ({
    meaning: `${tenant} is suspended, and ${appliance} should have ended its sessions; one is still there.`,
    ask: `Whoever runs ${appliance}: the command that suspended it may have been cut off.`,
    next: 'Suspend it once more (change 0): that ends what is left.',
  }),
  'T-3000': ({ tenant }) => ({ meaning: `${tenant} has a session.`, ask: null, next: 'Nothing to do here.' }),
  'T-3001': ({ tenant, appliance, seenAt }) => ({
    meaning:
      seenAt === null
        ? `${tenant} may log in but is not: no connection from the customer’s site has arrived yet.`
        : `${tenant} may log in but is not: its session ended at ${formatInstant(seenAt)}, and none came since.`,
    ask: `${tenant}: does Connect run, and does its firewall let it out to ${appliance}’s SSH port?`,
    next: 'The evidence tells if an unknown key was offered meanwhile; else have Connect’s own log looked at: it says what it meets.',
  }),
  'T-3002': ({ tenant }) => ({
    meaning: `The connection is still open on the appliance, but the Connect behind it has missed three heartbeats.`,
    ask: `${tenant}: was the machine suspended, unplugged, or moved to another network?`,
    next: 'It comes back by itself when the customer’s side does; otherwise have Connect restarted.',
  }),
  'T-3003': ({ tenant, appliance, registeredKey }) => ({
    meaning: `Somebody tried to log in as ${tenant} with a key that ${appliance} does not hold for it.`,
    ask: `${tenant}: which private key does ssh_key in connect.yaml name? Its fingerprint must be that of the registered key${registeredKey === null ? '' : `, ${registeredKey}`}.`,
    next: 'Have the right key put in place, or give the tenant the key that it offers.',
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
  'T-4002': ({ tenant, port, appliance, seenAt }) =>
    seenAt === null
      ? {
          meaning: `Another process on ${appliance} holds port ${port}, so that ${tenant} can’t bind it: no session of ${tenant} was ever seen.`,
          ask: `Whoever runs ${appliance}: which process is it, and may it be ended?`,
          next: 'It is no tenant’s connection, so this console can’t end it.',
        }
      : {
          meaning: `Port ${port} is held without a live session behind it, so that ${tenant} can’t bind it anew: most often by an old connection whose client is gone.`,
          ask: `Nobody at the customer’s: ${appliance} must let go.`,
          next: 'The appliance’s sshd drops an old connection after its keep-alive; releasing the port ends it at once. Any other process on the port is not ended by this console.',
        },
  'T-4003': ({ tenant }) => ({
    meaning: `${tenant} is connected but forwards no port.`,
    ask: `${tenant}: are there repositories in connect.yaml?`,
    next: 'Have a repository added and Connect reloaded, or forwards given to ssh with -R.',
  }),
  'T-4004': ({ tenant, port }) => ({
    meaning: `Port ${port} is not among those allotted to ${tenant}.`,
    ask: null,
    next: 'Its allowance may have shrunk: raise it, or have Connect reloaded so that it takes an allotted port.',
  }),
  'T-4005': ({ tenant }) => ({
    meaning: `${tenant} wants to forward more repositories than it has ports.`,
    ask: null,
    next: 'Raise its number of ports; Connect then takes the new ones by itself.',
  }),
  'T-5000': ({ destination }) => ({
    meaning: 'The forward opens from the appliance.',
    ask: null,
    next: `Whether ${destination} speaks its protocol behind it is not known.`,
  }),
  'T-5001': ({ tenant, port }) => ({
    meaning: `The appliance lists port ${port} as bound, but a connection to it was refused.`,
    ask: `${tenant}: was Connect restarted just now?`,
    next: 'Probe again; if it stays, have Connect reloaded.',
  }),
  'T-5002': ({ tenant, port }) => ({
    meaning: `A connection to port ${port} on the appliance got no answer at all.`,
    ask: `${tenant}: is the line overloaded, or was the machine that runs Connect suspended?`,
    next: 'Probe again; if it stays silent, have Connect restarted.',
  }),
  'T-5998': ({ appliance }) => ({
    meaning: `The appliance listens for this tunnel and a live session stands behind it; no more can be tested. The log-in of this console may not open connections on ${appliance}, so the forward can’t be tested.`,
    ask: `Whoever runs ${appliance}: its sshd must permit local forwarding to 127.0.0.1 for this user.`,
    next: 'Until then only the first four layers are known.',
  }),
  'T-5999': () => ({ meaning: 'The forward was not tested.', ask: null, next: 'Nothing to do here.' }),
  'T-6000': ({ destination }) => ({
    meaning: `All six layers are well: ${destination} answers in its own protocol.`,
    ask: null,
    next: 'Nothing to do here.',
  }),
  'T-6001': ({ tenant, destination }) => ({
    meaning: `The tunnel is whole; the repository behind it refuses the connection.`,
    ask: `${tenant}: is ${destination} up, and may the machine that runs Connect reach it?`,
    next: 'The tunnel needs nothing; it works again as soon as the repository accepts connections.',
  }),
  'T-6002': ({ tenant, destination, isPlain }) => ({
    meaning: isPlain
      ? 'The connection opens, and then nothing comes back. Plain OpenSSH does not tell whether its client or the service behind it hangs.'
      : `The connection opens, the Connect at the customer’s is alive, and then ${destination} says nothing.`,
    ask: `${tenant}: does ${destination} hang, or does a firewall between Connect and it swallow the packets?`,
    next: 'Probe again once they have looked.',
  }),
  'T-6010': ({ destination }) => ({
    meaning: `${destination} answers and asks for a log-in. Probes never log in, so what lies behind it is not tested.`,
    ask: null,
    next: 'Nothing to do here.',
  }),
  'T-6101': ({ tenant, destination }) => ({
    meaning: `The repository’s TLS handshake fails.`,
    ask: `${tenant}: does ${destination} speak TLS on this port? connect.yaml says that it does.`,
    next: 'Either the service is to be mended or the scheme in connect.yaml is http.',
  }),
  'T-6102': ({ tenant, destination }) => ({
    meaning: `The certificate of ${destination} is not valid today.`,
    ask: `${tenant}: have the certificate renewed; if it looks fine, is that machine’s clock right?`,
    next: 'Probe again once it is renewed.',
  }),
  'T-6103': ({ tenant, destination }) => ({
    meaning: `The certificate of ${destination} runs out soon.`,
    ask: `${tenant}: have it renewed before it does.`,
    next: 'The tunnel works until then.',
  }),
  'T-6201': ({ tenant, destination }) => ({
    meaning: `Something answers at ${destination}, but not in the protocol that connect.yaml names.`,
    ask: `${tenant}: is the port right, and is the service what the connect.yaml says?`,
    next: 'Have connect.yaml corrected and Connect reloaded.',
  }),
  'T-6202': ({ tenant, destination }) => ({
    meaning: `${destination} answers with an error of its own.`,
    ask: `${tenant}: what does that service’s own log say?`,
    next: 'The tunnel needs nothing.',
  }),
  'T-6203': ({ tenant, destination }) => ({
    meaning: `The service answers, but not under the path of ${destination}.`,
    ask: `${tenant}: is the path in connect.yaml right?`,
    next: 'Have connect.yaml corrected and Connect reloaded.',
  }),
  'T-6301': ({ tenant }) => ({
    meaning: 'Everything answers, but slowly.',
    ask: `${tenant}: is the line or the repository under load?`,
    next: 'Look at the latency over the day: a single slow answer means little.',
  }),
  'T-6401': ({ tenant, destination, appliance }) => ({
    meaning: `The service of ${destination} needs a newer ${appliance} or a newer Connect than there is.`,
    ask: `${tenant}, if it is Connect that is too old.`,
    next: 'Have the older part updated; the evidence names which.',
  }),
  'T-6998': ({ tenant }) => ({
    meaning: `The forward opens. ${tenant} uses plain OpenSSH, which does not tell what is behind it, so no protocol was tested.`,
    ask: null,
    next: 'Nothing to do here.',
  }),
  'T-6999': () => ({ meaning: 'The service was not tested.', ask: null, next: 'Nothing to do here.' }),
};

const sides: Record<TunnelCode, Side> = {
  'T-1000': 'none',
  'T-1001': 'network',
  'T-1002': 'none',
  'T-1003': 'appliance',
  'T-2000': 'none',
  'T-2001': 'operator',
  'T-2002': 'operator',
  'T-2003': 'appliance',
  'T-3000': 'none',
  'T-3001': 'tenant',
  'T-3002': 'tenant',
  'T-3003': 'tenant',
  'T-4000': 'none',
  'T-4001': 'tenant',
  'T-4002': 'appliance',
  'T-4003': 'tenant',
  'T-4004': 'operator',
  'T-4005': 'operator',
  'T-5000': 'none',
  'T-5001': 'appliance',
  'T-5002': 'network',
  'T-5998': 'appliance',
  'T-5999': 'none',
  'T-6000': 'none',
  'T-6001': 'tenant',
  'T-6002': 'tenant',
  'T-6010': 'none',
  'T-6101': 'tenant',
  'T-6102': 'tenant',
  'T-6103': 'tenant',
  'T-6201': 'tenant',
  'T-6202': 'tenant',
  'T-6203': 'tenant',
  'T-6301': 'network',
  'T-6401': 'operator',
  'T-6998': 'none',
  'T-6999': 'none',
};

export type Layered = { layers: readonly Pick<Layer, 'code' | 'evidence'>[] };

/** Its type and fingerprint; null where layer two was not seen to be well. */
export function registeredKeyOf({ layers }: Layered): string | null {
  return layers.find(({ code }) => code === 'T-2000')?.evidence ?? null;
}

export function adviseOn(
  tunnel: Layered & Pick<Tunnel, 'code' | 'clientId' | 'port' | 'destination' | 'lastSeenAt' | 'since'>,
  appliance: string,
): Advice {
  const side = sides[tunnel.code];
  const said = advice[tunnel.code]({
    tenant: tunnel.clientId,
    appliance,
    port: tunnel.port === null ? '' : String(tunnel.port),
    destination: tunnel.destination ?? 'the service',
    isPlain: tunnel.destination === null,
    seenAt: tunnel.lastSeenAt ?? tunnel.since,
    registeredKey: registeredKeyOf(tunnel),
  });
  return { ...said, side };
}
