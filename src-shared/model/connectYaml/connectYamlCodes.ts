import { repositoryServiceNames } from './repositoryServices.ts';

/**
 * Every finding of the connect.yaml linter by its stable code **[ours]**; docs/connect-yaml-codes.md lists them. If a
 * file has an `error`, Connect does not start with it.
 */
export const connectYamlCodes = {
  'C-1001': {
    severity: 'error',
    explanation: 'A real connect.yaml has a few kilobytes. Nothing longer than 256 kB is read.',
  },
  'C-1002': {
    severity: 'error',
    explanation:
      'connect.yaml has three levels: keys, groups, repositories. What is nested deeper, or holds tens of thousands of brackets, is not read.',
  },
  'C-1003': {
    severity: 'error',
    explanation: 'The file must hold at least appliance, ssh_key and repositories.',
  },
  'C-1010': {
    severity: 'error',
    explanation:
      'The text is not YAML from here on. Look for a missing quote, colon or space at this place or just before it.',
  },
  'C-1011': {
    severity: 'error',
    explanation: 'YAML indents by spaces only; a tab looks the same and is refused.',
  },
  'C-1012': {
    severity: 'info',
    explanation: 'Some editors on Windows put an invisible mark at the start of a file. Nothing needs it.',
  },
  'C-1013': {
    severity: 'info',
    explanation: 'The lines end as on Windows. Connect reads them; other tools on Linux may stumble.',
  },
  'C-1014': {
    severity: 'error',
    explanation: 'An alias (*name) can make a small file grow without bound, so connect.yaml takes none.',
  },
  'C-1015': {
    severity: 'error',
    explanation: 'YAML needs a space after the colon of a key.',
  },
  'C-1016': {
    severity: 'error',
    explanation: 'A backslash inside double quotes starts an escape in YAML. Use slashes, or single quotes.',
  },
  'C-1101': {
    severity: 'error',
    explanation: 'At this place YAML keys and values are expected: name: value, one a line.',
  },
  'C-1102': {
    severity: 'warning',
    explanation: 'Connect does not use this key. If it was meant to be another one, that one is missing now.',
  },
  'C-1103': {
    severity: 'error',
    explanation:
      'A name may stand once in its place. Readers differ in which of the two they take, so neither is.',
  },
  'C-1104': {
    severity: 'error',
    explanation: 'Connect needs appliance (host:port), ssh_key (path of the private key) and repositories.',
  },
  'C-1105': {
    severity: 'error',
    explanation: 'The key is there, its value is empty.',
  },
  'C-1106': {
    severity: 'error',
    explanation: 'YAML reads this as a number, a date or the like. In quotes it is text.',
  },
  'C-1201': {
    severity: 'error',
    explanation: 'Names of groups and repositories have 1 to 128 characters, none of them invisible.',
  },
  'C-1202': {
    severity: 'error',
    explanation:
      'A repository stands inside a group: repositories, then the group, then the repository with its URI.',
  },
  'C-1203': {
    severity: 'error',
    explanation: 'A repository has one URI as its value; a list or further levels are not read.',
  },
  'C-1204': {
    severity: 'warning',
    explanation: 'With nothing listed here, nothing is forwarded from here.',
  },
  'C-1205': {
    severity: 'warning',
    explanation:
      'Two names lead to the same service and take two of the tenant’s ports. That is fine if it is on purpose.',
  },
  'C-1206': {
    severity: 'warning',
    explanation: 'Names that differ only in capital letters are different to Connect and alike to people.',
  },
  'C-1207': {
    severity: 'error',
    explanation:
      'Each repository takes one port of the appliance. Ask its operator for a higher quota, or list fewer.',
  },
  'C-1301': {
    severity: 'error',
    explanation: 'A repository is written service[+scheme]://host:port[path].',
  },
  'C-1302': {
    severity: 'error',
    explanation: `Connect forwards to ${repositoryServiceNames.slice(0, -1).join(', ')} and ${repositoryServiceNames.at(-1) ?? ''}.`,
  },
  'C-1303': {
    severity: 'error',
    explanation: 'The service can be spoken over http or https, and Connect does not guess which.',
  },
  'C-1304': {
    severity: 'error',
    explanation: 'The service speaks one protocol only; a scheme after + has no meaning for it.',
  },
  'C-1305': {
    severity: 'error',
    explanation:
      'Users log in through the appliance with their own accounts. A password in this file is read by everyone who can read the file: change it, it is no secret any more.',
  },
  'C-1306': {
    severity: 'error',
    explanation: 'The host is a name or an address as Connect’s network knows it; IPv6 stands in brackets.',
  },
  'C-1307': {
    severity: 'error',
    explanation: 'Connect does not assume a port. Take the one that the service listens on.',
  },
  'C-1308': {
    severity: 'error',
    explanation: 'A port is a number from 1 to 65535.',
  },
  'C-1309': {
    severity: 'error',
    explanation: 'What follows the port must start with a slash.',
  },
  'C-1310': {
    severity: 'error',
    explanation:
      'Spaces, line breaks and control characters have no place here; write them as %20 and the like.',
  },
  'C-1311': {
    severity: 'warning',
    explanation:
      'Inside a container localhost is the container itself, not the computer it runs on. Name the host as the network knows it.',
  },
  'C-1312': {
    severity: 'error',
    explanation: 'The appliance has to be updated before it can use this service.',
  },
  'C-1313': {
    severity: 'error',
    explanation: 'Connect has to be updated before it can carry this service.',
  },
  'C-1401': {
    severity: 'error',
    explanation: 'appliance is host:port. sshd listens on 22, unless a load balancer offers another port.',
  },
  'C-1402': {
    severity: 'error',
    explanation: 'appliance is host:port and nothing else: Connect speaks SSH to it, not HTTP.',
  },
  'C-1403': {
    severity: 'error',
    explanation: 'Connect knows its user itself; appliance is host:port only.',
  },
  'C-1404': {
    severity: 'error',
    explanation: 'appliance is the host name or address of the appliance, and the port of its sshd.',
  },
  'C-1405': {
    severity: 'warning',
    explanation:
      'Ports 2200 to 5199 of an appliance lead back to tenants. sshd itself listens on 22; only a load balancer may offer it here.',
  },
  'C-1411': {
    severity: 'error',
    explanation:
      'A relative path counts from the folder of connect.yaml. In the container that is /etc/kloudless, and the key is mounted there as ssh_key.priv.',
  },
  'C-1412': {
    severity: 'error',
    explanation: 'Only a shell turns ~ and variables into folders. Connect takes the path as it stands.',
  },
  'C-1413': {
    severity: 'warning',
    explanation: 'Connect’s container and service run on Linux, where this is the name of no file.',
  },
  'C-1414': {
    severity: 'warning',
    explanation:
      'Three key paths are published for the same key: ./ssh_key.priv on the host, /etc/kloudless/ssh_key.priv where the run line mounts it, and /etc/kloudless/connect_key.priv in the example of connect.yaml. The run line mounts no key at the last one.',
  },
  'C-1415': {
    severity: 'warning',
    explanation: 'The public half goes to the appliance’s operator; Connect logs in with the private one.',
  },
  'C-1416': {
    severity: 'error',
    explanation: 'ssh_key is the path of a file, at most 4096 characters, none of them a control character.',
  },
  'C-1417': {
    severity: 'error',
    explanation:
      'ssh_key names a file. A key written here is copied with every copy of connect.yaml: replace it, it is no secret any more.',
  },
  'C-1421': {
    severity: 'error',
    explanation: 'host_key is OpenSSH’s fingerprint: SHA256: and 43 characters, as ssh-keygen -l prints it.',
  },
  'C-1422': {
    severity: 'info',
    explanation:
      'Without host_key Connect trusts the first machine that answers. Compare the fingerprint with the appliance’s operator and pin it.',
  },
  'C-1423': {
    severity: 'error',
    explanation: 'The console has pinned another host key for this appliance: Connect would refuse it.',
  },
  'C-1431': {
    severity: 'error',
    explanation: 'bind_address is the IP address of this computer that Connect dials from.',
  },
} as const satisfies Record<string, { severity: 'error' | 'warning' | 'info'; explanation: string }>;

export type ConnectYamlCode = keyof typeof connectYamlCodes;
