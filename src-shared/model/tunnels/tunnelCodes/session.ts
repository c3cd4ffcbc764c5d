import { formatInstant } from '../../../base/time.ts';
import { onOurSideFirst, openUntested, type TunnelCodeFacts } from './tunnelCode.ts';

const session = { layer: 'session', proof: ['ended', 'refused', 'accepted', 'change'] } as const;
const fine = { ...session, state: 'ok', side: 'none' } as const;
const fault = { ...session, state: 'fail', side: 'tenant', ask: 'tenant' } as const;

export const sessionCodes = {
  'T-3000': {
    ...fine,
    word: 'session up',
    help: 'The tenant’s SSH session is up.',
  },
  'T-3001': {
    ...session,
    // Only a warning, because the tenant may be switched off for the night. Faults that can be proven have
    // their own codes.
    state: 'warn',
    side: 'tenant',
    word: 'no session',
    help: 'No session. The session layer shows when and how the last one ended, and whether an unknown key was offered that may be this tenant’s.',
    meaning: ({ tenant, seenAt }) =>
      seenAt === null
        ? `${tenant} is not connected. It was before, but the appliance no longer knows how its last session ended.`
        : `${tenant} hasn’t been connected since ${formatInstant(seenAt)} (session ended).`,
    ask: 'tenant',
    next: 'Check Connect’s log for the error. If an unknown key was offered, it’s listed under Session.',
    customer: {
      seen: 'Your site is not connected to us.',
      checks: ({ us }) => [
        'Is Connect (or the ssh client) running?',
        `Can it reach ${us} on the SSH port (see firewall.txt)?`,
        'Does its log show an error?',
      ],
    },
    countsAsOutage: true,
    absence: 'unexplained',
  },
  'T-3002': {
    ...fault,
    word: 'session silent',
    help: 'The session’s sshd is running, but its client is silent: Connect has missed three heartbeats, or the ssh client hasn’t answered sshd’s keep-alive messages.',
    meaning:
      'The connection is still open on the appliance, but the client at the tenant’s site has stopped answering.',
    next: 'The session recovers when the tenant’s site does. If it doesn’t, the appliance ends it after the keep-alive timeout. If the site looks fine, ask the customer to restart Connect (or the ssh client).',
    customer: {
      seen: 'Your site was connected, but we haven’t heard from it for a while.',
      checks: [
        'Was the machine that runs Connect (or the ssh client) suspended, unplugged, or moved to another network?',
        'Does a firewall or VPN in between drop packets, or only large ones?',
        'If it looks fine, restart Connect (or the ssh client).',
      ],
    },
  },
  'T-3003': {
    ...fault,
    proof: ['refused', 'accepted', 'change'],
    word: 'wrong key offered',
    help: 'No session, and the tenant’s site offers a key that is not the registered one.',
    meaning: ({ tenant, appliance }) =>
      `A login as ${tenant} was tried with a key that is not registered for it on ${appliance}.`,
    next: 'Ask the customer to install the right key at the site, or register the key that the site offers.',
    customer: {
      seen: 'Your site tries to log in with a key that is not the one registered for you.',
      checks: ({ registeredKey }) => [
        'Which private key file does ssh_key in connect.yaml name?',
        `Does its fingerprint (ssh-keygen -l -f FILE) match the registered key${registeredKey === null ? '' : `, ${registeredKey}`}?`,
      ],
    },
    nextCommand: 'rotate',
    absence: 'wrong-key',
  },
  'T-3004': {
    ...session,
    state: 'unknown',
    // The tenant was never set up. That is no fault, but not green either.
    tone: 'off',
    side: 'tenant',
    word: 'never connected yet',
    help: 'As far as the appliance and this console know, there has been no session since the tenant was added. Not a fault: its site may not be set up yet.',
    meaning: ({ tenant }) =>
      `${tenant} hasn’t connected yet: no session from the tenant’s site was ever seen.`,
    ask: 'tenant',
    next: 'Send the handover pack, if the site doesn’t have it yet. The session appears when the site’s Connect starts.',
    customer: {
      seen: 'Your site has not connected to us yet.',
      checks: ({ us }) => [
        'Is Connect installed and started with the connect.yaml we sent?',
        `Can it reach ${us} on the SSH port (see firewall.txt)?`,
      ],
    },
    absence: 'never-connected',
  },
  'T-3005': {
    ...session,
    state: 'unknown',
    // The tenant is connected, so this member has neither a fault nor anything to count.
    tone: 'off',
    side: 'none',
    word: 'on another member',
    help: 'No session on this appliance, because another member of its cluster has the tenant’s session. Not a fault.',
    meaning: ({ tenant, appliance }) =>
      `${tenant} is connected to another member of the cluster, so it has no session on ${appliance}.`,
    absence: 'elsewhere',
  },
  'T-3006': {
    ...session,
    state: 'warn',
    side: 'appliance',
    word: 'session unattended',
    help: 'The session works, but the sshd process that started it (its monitor) has died. The session ends when it exchanges keys again, because that needs the monitor. A client that reconnects opens a new session then.',
    meaning: ({ tenant, appliance }) =>
      `The session of ${tenant} still works, but its monitor process on ${appliance} has died. The session will end without warning when it exchanges keys again.`,
    next: 'End the session at a good moment. Connect then reconnects in seconds; an ssh client does so only if something starts it again. Check on the appliance why the process died, for example with journalctl -k for a lack of memory.',
    customer: openUntested,
    nextCommand: 'release',
    isUsable: true,
  },
  'T-3007': {
    ...session,
    state: 'fail',
    side: 'appliance',
    proof: ['refused', 'accepted', 'change'],
    word: 'refused by appliance',
    help: 'No session, because the appliance refuses tenants for a reason of its own. The session layer gives it.',
    meaning: ({ tenant, appliance }) =>
      `${tenant} can’t log in. The cause is on ${appliance}, not at the tenant’s site.`,
    ask: ({ appliance }) =>
      `the administrator of ${appliance}: What changed the setting, account or file that the session layer names?`,
    next: 'Have the cause removed. The customer’s client then logs in again; Connect may have to be started again.',
    customer: {
      seen: 'Your site can’t log in, because of a fault on our side.',
      checks: [onOurSideFirst],
    },
    absence: 'refused-by-appliance',
  },
} satisfies Record<string, TunnelCodeFacts>;
