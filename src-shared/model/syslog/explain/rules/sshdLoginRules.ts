import type { ExplainRule } from '../explainRule.ts';

const programs = ['sshd', 'sshd-session', 'sshd-auth'];
const from = String.raw`from (?<address>\S+) port \d+`;

/** What sshd logs about logins. Its texts are those of OpenSSH 9.2, and of later versions where they differ. */
export const sshdLoginRules: ExplainRule[] = [
  {
    id: 'sshd-accepted-key',
    programs,
    match: String.raw`^Accepted publickey for (?<user>\S+) ${from} ssh2: \S+ (?<key>SHA256:\S+)`,
    title: 'Login with a key',
    meaning: '{user} logged in from {address} with the key {key}.',
    next: 'Nothing to do. To see whose key it is, search for its fingerprint under Tenants.',
    event: 'connected',
    example:
      'Accepted publickey for connect from 10.4.0.7 port 52144 ssh2: ED25519 SHA256:5nW4rdOsXWOxwZbJ8g5n7cXQ0a0ZpZc1m9d6lqS2u8E',
  },
  {
    id: 'sshd-failed-key',
    programs,
    match: String.raw`^Failed publickey for (?:invalid user )?(?<user>\S+) ${from} ssh2: \S+ (?<key>SHA256:\S+)`,
    title: 'Key refused',
    meaning:
      'The key {key} from {address} may not log in as {user}: it was never added, was replaced, or its tenant is suspended.',
    next: 'Compare the fingerprint with the keys of the tenant. If the site should have access, add its key or resume the tenant.',
    registered: {
      meaning:
        'The key {key} from {address} was refused for {user}, although it is registered for {tenant} now. At the time of this line, the look-up of keys failed, the tenant was suspended, or the key was not added yet. Or {user} is not the account of tenants (connect).',
      next: 'Show the context of this line: the appliance’s other lines at that time say if the look-up failed. If {tenant} is still suspended, resume it.',
    },
    code: 'T-3003',
    event: 'refused',
    example:
      'Failed publickey for connect from 203.0.113.9 port 5000 ssh2: ED25519 SHA256:5nW4rdOsXWOxwZbJ8g5n7cXQ0a0ZpZc1m9d6lqS2u8E',
  },
  {
    id: 'sshd-failed-password',
    programs,
    match: String.raw`^Failed (?:password|keyboard-interactive/pam) for (?:invalid user )?(?<user>.+) ${from}`,
    title: 'Password refused',
    meaning: 'Someone at {address} tried to log in as {user} with a password.',
    next: 'If you don’t know the address, block it at the firewall. Turn off PasswordAuthentication in sshd_config if only keys should work.',
    example: 'Failed password for root from 203.0.113.9 port 5000 ssh2',
  },
  {
    id: 'sshd-invalid-user',
    programs,
    match: String.raw`^Invalid user (?<user>.*) ${from}`,
    title: 'Unknown user',
    meaning: 'Someone at {address} tried to log in as {user}, which this appliance doesn’t have.',
    next: 'Check the user name in connect.yaml or on the command line: tenants log in as connect. Many such lines from unknown addresses are scans.',
    example: 'Invalid user admin from 203.0.113.9 port 5000',
  },
  {
    id: 'sshd-too-many-attempts',
    programs,
    match: String.raw`^(?:error: )?maximum authentication attempts exceeded for (?:invalid user )?(?<user>.+) ${from} ssh2`,
    title: 'Too many keys offered',
    meaning:
      'The client at {address} offered more keys than sshd allows for one connection (MaxAuthTries), and none was accepted.',
    next: 'Name the one key in the client: ssh_key in connect.yaml, or ssh -o IdentitiesOnly=yes -i FILE. An agent with many keys causes this.',
    example:
      'error: maximum authentication attempts exceeded for connect from 10.4.0.7 port 52144 ssh2 [preauth]',
  },
  {
    id: 'sshd-too-many-failures',
    programs,
    match: String.raw`^Disconnecting (?:authenticating|invalid) user (?<user>\S+) (?<address>\S+) port \d+: Too many authentication failures`,
    title: 'Ended after too many failed logins',
    meaning: 'sshd ended the connection from {address} because all its attempts to log in as {user} failed.',
    next: 'Look at the lines before: they name the keys that were refused.',
    example:
      'Disconnecting authenticating user connect 10.4.0.7 port 52144: Too many authentication failures [preauth]',
  },
  {
    id: 'sshd-closed-while-authenticating',
    programs,
    match: String.raw`^Connection (?:closed|reset) by authenticating user (?<user>\S+) (?<address>\S+) port \d+`,
    title: 'Client gave up before it was logged in',
    meaning:
      'The client at {address} left after none of its keys for {user} was accepted, or because it refused the host key.',
    next: 'Look for “Failed publickey” just before. Without one, check on the client whether it refused the appliance’s host key.',
    code: 'T-3003',
    example: 'Connection closed by authenticating user connect 203.0.113.9 port 5000 [preauth]',
  },
  {
    id: 'sshd-algorithm-of-key',
    programs,
    match: String.raw`^userauth_pubkey: (?:signature algorithm|key type) (?<algorithm>\S+) not in PubkeyAccepted`,
    title: 'Old kind of key',
    meaning: 'The client signs with {algorithm}, which this sshd no longer accepts.',
    next: 'Update the client, or create an ed25519 key for the tenant. ssh-rsa means SHA-1, which OpenSSH 8.8 and later refuse.',
    example: 'userauth_pubkey: signature algorithm ssh-rsa not in PubkeyAcceptedAlgorithms [preauth]',
  },
  {
    id: 'sshd-not-allowed',
    programs,
    match: String.raw`^User (?<user>\S+)(?: from \S+)? not allowed because (?<reason>.+)$`,
    title: 'User may not log in',
    meaning: 'sshd refuses {user}: {reason}.',
    next: "For “account is locked”, give the account an unusable password instead: usermod -p '*' {user}. Otherwise correct AllowUsers, AllowGroups or the shell.",
    example: 'User connect from 10.4.0.7 not allowed because not listed in AllowUsers',
  },
  {
    id: 'sshd-pam-account',
    programs,
    match: String.raw`Access denied for user (?<user>\S+) by PAM account configuration`,
    title: 'PAM refuses the account',
    meaning:
      'The key was fine, but PAM doesn’t let {user} in: the account or its password expired, or access.conf or nologin forbids it.',
    next: 'Run chage -l {user} on the appliance, and look for /etc/nologin and /etc/security/access.conf.',
    example: 'fatal: Access denied for user connect by PAM account configuration [preauth]',
  },
  {
    id: 'sshd-bad-modes',
    programs,
    match: String.raw`[Bb]ad owner(?:ship)? or modes for (?:file |directory )?(?<path>\S+)`,
    title: 'A file has unsafe rights',
    meaning: 'sshd ignores keys or commands because others may write to {path}.',
    next: 'Let only its owner and root write there: chmod go-w {path}. For AuthorizedKeysCommand, every folder of its path must belong to root.',
    example: 'Authentication refused: bad ownership or modes for directory /home/ubuntu/.ssh',
  },
  {
    id: 'sshd-keys-command-failed',
    programs,
    match: String.raw`AuthorizedKeysCommand (?<command>\S+)(?: .*)? (?:failed, status|returned status|exited on signal|killed by signal) (?<status>\d+)`,
    title: 'The look-up of keys failed',
    meaning:
      'sshd asked {command} for the tenant’s keys, and it failed ({status}). No tenant can log in until it works.',
    next: 'Run ke_status on the appliance. Start the service with: service sallyport start.',
    code: 'T-3004',
    example:
      'AuthorizedKeysCommand /usr/lib/sallyport/sallyport-client lookup /run/sallyport/lookup AAAAC3 failed, status 1',
  },
  {
    id: 'sshd-connection-from',
    programs,
    match: String.raw`^Connection from (?<address>\S+) port \d+ on (?<own>\S+) port (?<port>\d+)`,
    title: 'New connection',
    meaning: '{address} connected to {own} port {port}. The login comes next.',
    next: 'Nothing to do. The next lines of the process say whether a login follows.',
    example: 'Connection from 10.4.0.7 port 52144 on 10.0.0.1 port 22 rdomain ""',
  },
  {
    id: 'sshd-key-found',
    programs,
    match: String.raw`^Accepted key \S+ (?<key>SHA256:\S+) found at (?<place>.+)$`,
    title: 'The key is registered',
    meaning: 'The key {key} may log in. The client has not yet proved that it has the private key.',
    next: 'Nothing to do. “Accepted publickey” follows if the login succeeds.',
    example:
      'Accepted key ED25519 SHA256:W6HL80zYl1227iZ/zGlMQQhkoIYbGxeaaXiECZORv9A found at /home/ubuntu/.ssh/authorized_keys:1',
  },
  {
    id: 'sshd-postponed',
    programs,
    match: String.raw`^Postponed publickey for (?<user>\S+) ${from}`,
    title: 'The client offers a key',
    meaning:
      'The client at {address} asked whether its key may log in as {user}, and sshd waits for the proof.',
    next: 'Nothing to do.',
    example: 'Postponed publickey for connect from 10.4.0.7 port 52144 ssh2 [preauth]',
  },
  {
    id: 'sshd-failed-none',
    programs,
    match: String.raw`^Failed none for (?:invalid user )?(?<user>.+) ${from}`,
    title: 'The client asks how to log in',
    meaning: 'The client at {address} asked which ways to log in as {user} there are.',
    next: 'Nothing to do.',
    example: 'Failed none for connect from 10.4.0.7 port 52144 ssh2',
  },
  {
    id: 'sshd-user-child',
    programs,
    match: String.raw`^User child is on pid (?<pid>\d+)`,
    title: 'A process for the session',
    meaning: 'Process {pid} serves the session from now on. Lines about its forwards have this number.',
    next: 'Nothing to do.',
    example: 'User child is on pid 10148',
  },
  {
    id: 'sshd-session-opened',
    programs,
    match: String.raw`^pam_unix\(sshd:session\): session opened for user (?<user>[^\s(]+)`,
    title: 'Session opened',
    meaning: 'The session of {user} began. sshd logs it after every login.',
    next: 'Nothing to do.',
    example: 'pam_unix(sshd:session): session opened for user connect(uid=997) by connect(uid=0)',
  },
  {
    id: 'sshd-session-closed',
    programs,
    match: String.raw`^pam_unix\(sshd:session\): session closed for user (?<user>\S+)`,
    title: 'Session closed',
    meaning: 'The session of {user} ended. Its forwards are closed.',
    next: 'The line before from the same process says why, such as a time-out or a disconnect.',
    event: 'ended',
    example: 'pam_unix(sshd:session): session closed for user connect',
  },
];
