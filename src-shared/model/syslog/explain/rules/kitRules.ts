import type { ExplainRule } from '../explainRule.ts';

const programs = ['sallyport'];

/** What the appliance kit logs **[ours]**. */
export const kitRules: ExplainRule[] = [
  {
    id: 'kit-service-silent',
    programs,
    match: String.raw`^login refused: the sallyport service does not answer`,
    title: 'The kit’s service is down',
    meaning: 'A tenant could not log in because the service that knows the keys does not answer.',
    next: 'Run ke_status on the appliance, then: service sallyport start.',
    code: 'T-3004',
    example:
      "login refused: the sallyport service does not answer; see ke_status, start it with 'service sallyport start'",
  },
  {
    id: 'kit-too-many-sessions',
    programs,
    match: String.raw`^tenant (?<tenant>\S+): (?:login refused: it has (?<count>\d+) live sessions|session ended: (?<open>\d+) are open already)`,
    title: 'Too many sessions of one tenant',
    meaning: '{tenant} has as many live sessions as it may have, so a new one was refused.',
    next: 'Ask the customer whether Connect runs on several machines with the same key. A silent session makes room for a new one.',
    example: 'tenant northwind: login refused: it has 4 live sessions, and 4 are allowed',
  },
  {
    id: 'kit-key-offered-often',
    programs,
    match: String.raw`^tenant (?<tenant>\S+): login refused: one connection offered its key (?<count>\d+) times`,
    title: 'A client repeats its key',
    meaning: 'One connection offered the key of {tenant} {count} times without proving that it has it.',
    next: 'Check the private key at the site: a public key without its private key, or a wrong passphrase, causes this.',
    example: 'tenant northwind: login refused: one connection offered its key 6 times',
  },
  {
    id: 'kit-record-not-stored',
    programs,
    match: String.raw`(?:its record could not be stored|storing the record of the service failed): (?<reason>.+)$`,
    title: 'The appliance can’t write',
    meaning: 'The kit could not store a record: {reason}. Logins are refused until it can.',
    next: 'For ENOSPC make room: df -h /run /data. For EROFS check the disk: dmesg.',
    example:
      'tenant northwind: login refused: its record could not be stored: ENOSPC: no space left on device',
  },
  {
    id: 'kit-forward-opened',
    programs,
    match: String.raw`^forward opened: tenant (?<tenant>\S+), port (?<port>\d+), to (?<target>.+)$`,
    title: 'Tunnel opened',
    meaning: 'Port {port} of {tenant} is open and leads to {target}.',
    next: 'Nothing to do. “not announced” is normal for plain OpenSSH.',
    code: 'T-4000',
    example: 'forward opened: tenant northwind, port 2204, to cmis+https://cmis.nw.lan (docs/cmis)',
  },
  {
    id: 'kit-forward-closed',
    programs,
    match: String.raw`^forward closed: tenant (?<tenant>\S+), port (?<port>\d+), to (?<target>.+)$`,
    title: 'Tunnel closed',
    meaning: 'Port {port} of {tenant}, which led to {target}, is closed.',
    next: 'Look at the lines of sshd just before for the reason.',
    code: 'T-3001',
    example: 'forward closed: tenant northwind, port 2204, to cmis+https://cmis.nw.lan (docs/cmis)',
  },
  {
    id: 'kit-lines-dropped',
    programs,
    match: String.raw`^tenant (?<tenant>\S+): (?<count>\d+) lines about its forwards were dropped`,
    title: 'A tenant’s ports flap',
    meaning: 'Ports of {tenant} open and close so often that {count} lines were not logged.',
    next: 'Check the site’s network, and whether two Connects with the same key replace each other.',
    example: 'tenant northwind: 212 lines about its forwards were dropped',
  },
  {
    id: 'kit-channel-refused',
    programs,
    match: String.raw`^a session channel was refused: (?<reason>.+)$`,
    title: 'A session could not prove who it is',
    meaning: 'A process asked to be a tenant’s session and was refused: {reason}.',
    next: 'Once after a restart is normal. If it repeats, check which local processes run as the user connect.',
    example: 'a session channel was refused: the ticket is unknown',
  },
  {
    id: 'kit-change-refused',
    programs: ['ke_*'],
    match: String.raw`^refused (?<what>.+?) by (?<caller>\S+): (?<code>[A-Z_]+): (?<reason>.+)$`,
    title: 'A change was refused',
    meaning: '{caller} tried: {what}. The appliance refused it and changed nothing: {reason}',
    next: 'docs/errors.md explains {code}.',
    example: 'refused add northwind by ubuntu: TOO_MANY_KEYS: northwind has 5 valid keys',
  },
];
