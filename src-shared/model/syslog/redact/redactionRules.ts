import { findIpv6Start } from '../../../base/ipv6.ts';

export const maxCustomRules = 50;

/** A part of a line to hide: offsets of its first character and of the character after it. */
export type HiddenPart = { from: number; to: number };

/** Everything known about a kind of values that can be hidden. `placeholder` names it in the output: `<ip-1>`. */
type RedactionFacts = { label: string; meaning: string; placeholder: string };

/** The kinds, in the order in which they are looked for: secrets first. */
export const redactionKinds = {
  privateKeys: {
    label: 'Private keys',
    meaning: 'PEM and OpenSSH private keys, also over several lines',
    placeholder: 'private-key',
  },
  tokens: {
    label: 'Passwords and tokens',
    meaning: 'values named password, secret, token and the like; JWTs, bearer tokens, long random texts',
    placeholder: 'token',
  },
  keys: {
    label: 'Public keys and fingerprints',
    meaning: 'SSH public keys, SHA256 and MD5 fingerprints',
    placeholder: 'key',
  },
  custom: { label: 'Own rules', meaning: 'what your own regular expressions match', placeholder: 'custom' },
  emails: { label: 'E-mail addresses', meaning: 'name@example.com', placeholder: 'email' },
  addresses: {
    label: 'IP addresses',
    meaning: 'IPv4 and IPv6 addresses, but for those of this machine (127.0.0.1, ::1, 0.0.0.0)',
    placeholder: 'ip',
  },
  macs: { label: 'Hardware addresses', meaning: 'MAC addresses', placeholder: 'mac' },
  tenants: { label: 'Tenants', meaning: 'client IDs of tenants', placeholder: 'tenant' },
  hosts: { label: 'Hosts', meaning: 'names of appliances and hosts, and hosts in URLs', placeholder: 'host' },
  users: {
    label: 'Users',
    meaning: 'names of users in logins and in paths of home folders',
    placeholder: 'user',
  },
} as const satisfies Record<string, RedactionFacts>;
export type RedactionKind = keyof typeof redactionKinds;
export const redactionKindNames = [
  'privateKeys',
  'tokens',
  'keys',
  'custom',
  'emails',
  'addresses',
  'macs',
  'tenants',
  'hosts',
  'users',
] as const satisfies readonly RedactionKind[];

const written = new RegExp(
  `<(?:${Object.values(redactionKinds)
    .map(({ placeholder }) => placeholder)
    .join('|')})-(?:\\d{1,9}|other)>`,
  'gu',
);

/** The placeholders in a text. */
export function findPlaceholders(text: string): (HiddenPart & { kind: RedactionKind })[] {
  return Array.from(text.matchAll(written), ({ 0: found, index }) => ({
    kind:
      redactionKindNames.find((kind) => found.startsWith(`<${redactionKinds[kind].placeholder}-`)) ??
      'custom',
    from: index,
    to: index + found.length,
  }));
}

const secretName =
  'pass(?:word|wd|phrase|code)?|secret(?:[_-]?key)?|(?:access|refresh|id|auth|session|csrf)?[_-]?token|(?:api|access|aes|group|private)[_-]?key|client[_-]?secret|credentials?|licen[sc]e[_-]?(?:code|key)|authorization|(?:set-)?cookie|session[_-]?id';

/** The forms of values. If a pattern has the group `value`, only that part is hidden. */
const patterns: Readonly<Partial<Record<RedactionKind, readonly RegExp[]>>> = {
  privateKeys: [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/gsu],
  tokens: [
    new RegExp(
      String.raw`(?<![A-Za-z])(?:${secretName})["']?(?: ?= ?|: ?)["']?(?:(?:Bearer|Basic|Digest) )?(?<value>[^\s"',;&<>)\]}]+)`,
      'dgiu',
    ),
    /\b(?:Bearer|Basic) (?<value>[\w.~+/=-]{8,})/dgu,
    /:\/\/[^\s/@:]{0,100}:(?<value>[^\s/@]{1,200})@/dgu,
    /(?<![\w-])eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/gu,
    /(?<![\w-])(?:AKIA[0-9A-Z]{16}|gh[pousr]_\w{20,}|xox[a-z]-[\w-]{10,}|glpat-[\w-]{16,})/gu,
    /(?<![\w+/])[0-9a-fA-F]{32,}(?![\w+/])/gu,
    /(?<![\w+/:-])(?=[\w+/-]{0,200}\d)(?=[\w+/-]{0,200}[a-z])(?=[\w+/-]{0,200}[A-Z])[A-Za-z0-9+/_-]{40,}={0,2}(?![\w+/-])/gu,
  ],
  keys: [
    /\b(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-\w{1,20}|sk-[\w@.-]{1,60}) AAAA[A-Za-z0-9+/]+={0,2}/gu,
    /\bSHA256:[A-Za-z0-9+/]{20,44}={0,2}/gu,
    /\b(?:MD5:)?(?:[0-9a-f]{2}:){15}[0-9a-f]{2}\b/giu,
  ],
  emails: [
    /(?<![\w.+-]|:\/\/[^\s/@]{0,200})[\w.+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.)+[A-Za-z]{2,24}(?![\w-])/gu,
  ],
  macs: [/(?<![\w-]|\w:)(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}(?![\w-]|:\w)/gu],
  hosts: [/\b[a-z][a-z0-9+.-]{1,20}:\/\/(?:[^\s/@]{0,200}@)?(?<value>[A-Za-z0-9][A-Za-z0-9.-]{0,252})/dgu],
  users: [
    /\b(?:Accepted|Failed|Postponed) \S{1,40} for (?:invalid user )?(?<value>\S+) from /dgu,
    /\b(?:(?:authenticating|invalid|Invalid|for|from|by) user|User) (?!is\b|child\b)(?<value>[^\s(]+)/dgu,
    /\b(?:USER|LOGNAME|ruser|user)=(?<value>[^\s;,]+)/dgu,
    /\/(?:home|Users)\/(?<value>[^\s/:;,'")]+)/dgu,
  ],
};

const ipv4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\d|\.\d)/gu;
const ipv6 = /(?<![\w:.])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,10}(?:\.\d{1,3}){0,3}(?:%\w{1,16})?/gu;
const ownMachine = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|0\.0\.0\.0|::1?)$/u;

const isIpv4 = (text: string) => text.split('.').every((part) => Number(part) <= 255);

function findAddresses(text: string): HiddenPart[] {
  const v4 = Array.from(text.matchAll(ipv4), ({ 0: address, index }) => ({ address, index }));
  const v6 = Array.from(text.matchAll(ipv6), ({ 0: match, index }) => ({
    address: findIpv6Start(match) ?? '',
    index,
  }));
  return [...v4.filter(({ address }) => isIpv4(address)), ...v6]
    .filter(({ address }) => address !== '' && !ownMachine.test(address))
    .map(({ address, index }) => ({ from: index, to: index + address.length }));
}

/** Finds the values of a kind by their form. Names that only lists know are found by `createNameFinder`. */
export function findByForm(kind: RedactionKind, text: string): HiddenPart[] {
  if (kind === 'addresses') return findAddresses(text);
  return (patterns[kind] ?? []).flatMap((pattern) =>
    Array.from(text.matchAll(pattern), ({ 0: match, index, indices }) => {
      const [from, to] = indices?.groups?.['value'] ?? [index, index + match.length];
      return { from, to };
    }),
  );
}
