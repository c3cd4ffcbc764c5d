import { repositoryServiceNames } from './repositoryServices.ts';

/**
 * Every finding of the connect.yaml linter by its stable code **[ours]**. Connect doesn't start if a finding
 * has the severity `error`. docs/connect-yaml-codes.md is generated from this table.
 */
export const connectYamlCodes = {
  'C-1001': {
    severity: 'error',
    found: 'longer than 256 kB',
    explanation: 'A real connect.yaml is a few kilobytes long. Files longer than 256 kB are not read.',
  },
  'C-1002': {
    severity: 'error',
    found: 'nested too deep',
    explanation:
      'connect.yaml has three levels: keys, groups, repositories. A file that is nested deeper, or has tens of thousands of brackets, is not read.',
  },
  'C-1003': {
    severity: 'error',
    found: 'empty',
    explanation: 'The file must contain at least appliance, ssh_key and repositories.',
  },
  'C-1010': {
    severity: 'error',
    found: 'not YAML',
    explanation:
      'The text is not YAML from here on. Look for a missing quote, colon or space at this place or just before it.',
  },
  'C-1011': {
    severity: 'error',
    found: 'a tab as indentation',
    explanation: 'YAML allows only spaces for indentation. A tab looks the same but is rejected.',
  },
  'C-1012': {
    severity: 'info',
    found: 'byte order mark',
    explanation: 'Some editors on Windows put an invisible mark at the start of a file. You can remove it.',
  },
  'C-1013': {
    severity: 'info',
    found: 'lines end with CR LF',
    explanation: 'The file has Windows line endings. Connect reads them, but other Linux tools may fail.',
  },
  'C-1014': {
    severity: 'error',
    found: 'an alias',
    explanation:
      'An alias (*name) can make a small file grow without bound, so connect.yaml must not contain any.',
  },
  'C-1015': {
    severity: 'error',
    found: 'no space after a colon',
    explanation: 'YAML needs a space after the colon of a key.',
  },
  'C-1016': {
    severity: 'error',
    found: 'a backslash in double quotes',
    explanation: 'A backslash inside double quotes starts an escape in YAML. Use slashes, or single quotes.',
  },
  'C-1017': {
    severity: 'error',
    found: 'a look-alike character',
    explanation:
      'Word processors, chats and web pages replace spaces, quotes and dashes with characters that look the same. YAML and host names need the plain characters.',
  },
  'C-1018': {
    severity: 'error',
    found: 'not UTF-8, or with NUL bytes',
    explanation: 'connect.yaml is UTF-8 text. Choose UTF-8 as the encoding when you save the file.',
  },
  'C-1019': {
    severity: 'error',
    found: 'other line ends',
    explanation:
      'Some programs end lines or files with a character that YAML does not take for a line break. YAML needs plain line breaks.',
  },
  'C-1101': {
    severity: 'error',
    found: 'unexpected text',
    explanation: 'Write one "name: value" pair per line here.',
  },
  'C-1102': {
    severity: 'warning',
    found: 'an unknown key',
    explanation: 'Connect does not use this key. If it is a misspelling, the key you meant is missing.',
  },
  'C-1103': {
    severity: 'error',
    found: 'a duplicate name',
    explanation:
      'A name may appear only once in the same block. YAML parsers differ in which one they use, so Connect uses neither.',
  },
  'C-1104': {
    severity: 'error',
    found: 'a key is missing',
    explanation: 'Connect needs appliance (host:port), ssh_key (path of the private key) and repositories.',
  },
  'C-1105': {
    severity: 'error',
    found: 'no value',
    explanation: 'The key has no value.',
  },
  'C-1106': {
    severity: 'error',
    found: 'a number where text is needed',
    explanation: 'YAML reads this as a number, a date or similar. Put it in quotes to make it text.',
  },
  'C-1201': {
    severity: 'error',
    found: 'an invalid name',
    explanation:
      'Names of groups and repositories have 1 to 128 characters. Invisible characters are not allowed.',
  },
  'C-1202': {
    severity: 'error',
    found: 'a repository outside a group',
    explanation:
      'A repository belongs to a group. Under repositories, write the group, and under the group the repository with its URI.',
  },
  'C-1203': {
    severity: 'error',
    found: 'something other than one URI',
    explanation: 'The value of a repository is one URI. Lists and nested keys are not read.',
  },
  'C-1204': {
    severity: 'warning',
    found: 'nothing listed',
    explanation: 'This entry is empty, so nothing is forwarded for it.',
  },
  'C-1205': {
    severity: 'warning',
    found: 'one destination under two names',
    explanation:
      'Two names lead to the same service and take two of the tenant’s ports. That is fine if it is intended.',
  },
  'C-1206': {
    severity: 'warning',
    found: 'names that differ only in capital letters',
    explanation:
      'Connect treats names that differ only in capital letters as different names; people confuse them.',
  },
  'C-1207': {
    severity: 'error',
    found: 'more repositories than ports',
    explanation:
      'Each repository takes one port of the appliance. Ask its operator for a higher quota, or list fewer.',
  },
  'C-1301': {
    severity: 'error',
    found: 'not a repository URI',
    explanation: 'A repository is written service[+scheme]://host:port[path].',
  },
  'C-1302': {
    severity: 'error',
    found: 'an unknown service',
    explanation: `Connect forwards to ${repositoryServiceNames.slice(0, -1).join(', ')} and ${repositoryServiceNames.at(-1) ?? ''}.`,
  },
  'C-1303': {
    severity: 'error',
    found: 'the scheme is missing or unknown',
    explanation: 'The service can use http or https, and Connect does not guess which.',
  },
  'C-1304': {
    severity: 'error',
    found: 'a scheme that is not allowed',
    explanation: 'The service supports only one protocol, so it takes no scheme after +.',
  },
  'C-1305': {
    severity: 'error',
    found: 'user name or password',
    explanation:
      'Users log in through the appliance with their own accounts. Everyone who can read this file can read the password. Change the password: it is no longer secret.',
  },
  'C-1306': {
    severity: 'error',
    found: 'no host',
    explanation:
      'Use a host name or address that works on Connect’s network. Put an IPv6 address in brackets.',
  },
  'C-1307': {
    severity: 'error',
    found: 'the port is missing',
    explanation: 'Connect does not assume a port. Use the one that the service listens on.',
  },
  'C-1308': {
    severity: 'error',
    found: 'not a valid port number',
    explanation: 'A port is a number from 1 to 65535.',
  },
  'C-1309': {
    severity: 'error',
    found: 'a path without a leading slash',
    explanation: 'The path after the port must start with a slash.',
  },
  'C-1310': {
    severity: 'error',
    found: 'spaces, control characters, or too long',
    explanation:
      'Spaces, line breaks and control characters are not allowed here. Percent-encode them, e.g. %20 for a space.',
  },
  'C-1311': {
    severity: 'warning',
    found: 'localhost inside a container',
    explanation:
      'Inside a container localhost is the container itself, not the computer it runs on. Use the name that the host has on the network.',
  },
  'C-1312': {
    severity: 'error',
    found: 'the appliance is too old for the service',
    explanation: 'The appliance has to be updated before it can use this service.',
  },
  'C-1313': {
    severity: 'error',
    found: 'Connect is too old for the service',
    explanation: 'Connect has to be updated before it can forward this service.',
  },
  'C-1401': {
    severity: 'error',
    found: 'appliance without port',
    explanation:
      'The value of appliance is host:port. The port is 22, unless a load balancer uses another one.',
  },
  'C-1402': {
    severity: 'error',
    found: 'appliance with scheme or path',
    explanation: 'The value of appliance is host:port only: Connect uses SSH, not HTTP.',
  },
  'C-1403': {
    severity: 'error',
    found: 'appliance with a user',
    explanation: 'Connect already knows which user to log in as. Write only host:port for appliance.',
  },
  'C-1404': {
    severity: 'error',
    found: 'no appliance address',
    explanation:
      'The value of appliance is the host name or address of the appliance, and the port of its sshd.',
  },
  'C-1405': {
    severity: 'warning',
    found: 'appliance with a tenant port',
    explanation:
      'Ports 2200 to 5199 of an appliance are reserved for tenants. sshd listens on port 22. A port in this range is right only if a load balancer uses it.',
  },
  'C-1411': {
    severity: 'error',
    found: 'a relative key path in a container',
    explanation:
      'A relative path starts at the folder of connect.yaml. In the container that is /etc/kloudless, and the key is mounted there as ssh_key.priv.',
  },
  'C-1412': {
    severity: 'error',
    found: '~ or a variable in a path',
    explanation: 'Only a shell expands ~ and variables. Connect uses the path exactly as written.',
  },
  'C-1413': {
    severity: 'warning',
    found: 'a Windows path',
    explanation: 'Connect’s container and service run on Linux, where a Windows path doesn’t work.',
  },
  'C-1414': {
    severity: 'warning',
    found: 'a key path from a published example',
    explanation:
      'The published examples use three paths for the same key: ./ssh_key.priv on the host, /etc/kloudless/ssh_key.priv in the container, and /etc/kloudless/connect_key.priv in the sample connect.yaml. The published docker run command mounts no key at the last path.',
  },
  'C-1415': {
    severity: 'warning',
    found: 'a public key',
    explanation: 'Send the public key to the appliance’s operator. Connect logs in with the private key.',
  },
  'C-1416': {
    severity: 'error',
    found: 'not a valid path',
    explanation: 'ssh_key is a file path of at most 4096 characters, without control characters.',
  },
  'C-1417': {
    severity: 'error',
    found: 'a private key in the file',
    explanation:
      'ssh_key names a file. Every copy of connect.yaml also contains this key. Replace the key: it is no longer secret.',
  },
  'C-1418': {
    severity: 'warning',
    found: 'a path as a shell or file manager writes it',
    explanation:
      'Quotes, backslashes before spaces, file: addresses and spaces around a path are for shells and file managers. Connect uses the path exactly as written.',
  },
  'C-1421': {
    severity: 'error',
    found: 'not a valid fingerprint',
    explanation: 'host_key is OpenSSH’s fingerprint: SHA256: and 43 characters, as ssh-keygen -l prints it.',
  },
  'C-1422': {
    severity: 'info',
    found: 'host key not pinned',
    explanation:
      'Without host_key Connect trusts the first machine that answers. Check the fingerprint with the appliance’s operator, then pin it.',
  },
  'C-1423': {
    severity: 'error',
    found: 'a different host key from the console’s',
    explanation:
      'The console has pinned a different host key for this appliance: Connect would refuse the appliance.',
  },
  'C-1431': {
    severity: 'error',
    found: 'not a valid bind address',
    explanation: 'bind_address is the local IP address from which Connect connects to the appliance.',
  },
} as const satisfies Record<
  string,
  { severity: 'error' | 'warning' | 'info'; found: string; explanation: string }
>;

export type ConnectYamlCode = keyof typeof connectYamlCodes;
