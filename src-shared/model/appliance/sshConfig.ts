import { matchesPatterns } from '../../base/wildcard.ts';
import { readAddress } from './address.ts';
import type { ImportCandidate, ImportedHop } from './importCandidate.ts';
import {
  readSshConfigSyntax,
  type ReadInclude,
  type SshConfigFile,
  type SshDirective,
} from './sshConfigSyntax.ts';

export type SshConfigOwner = { localUser: string; homeFolder: string };

const maxJumps = 8;

type Settings = { [keyword in 'hostname' | 'user' | 'port' | 'identityfile' | 'proxyjump']?: string };
type Reading = { directives: readonly SshDirective[]; people: SshConfigOwner };

const usedKeywords = new Set(['hostname', 'user', 'port', 'identityfile', 'proxyjump', 'proxycommand']);

/**
 * Collects the settings of `alias`. The first value of each keyword wins. Of ProxyJump and ProxyCommand, the
 * first wins.
 */
function collectSettings(alias: string, { directives }: Reading): { settings: Settings; problems: string[] } {
  const found = new Map<string, string>();
  for (const { keyword, values, blocks } of directives) {
    if (!usedKeywords.has(keyword)) continue;
    const isFor = blocks.every((patterns) => patterns !== null && matchesPatterns(alias, patterns));
    const isDecided = found.has(keyword) || (keyword.startsWith('proxy') && found.has('proxy'));
    if (!isFor || isDecided) continue;
    found.set(keyword, values.join(' '));
    if (keyword.startsWith('proxy')) found.set('proxy', keyword);
  }
  const command = found.get('proxycommand');
  return {
    settings: Object.fromEntries([...found].filter(([, value]) => value !== '')),
    problems:
      command === undefined || command.toLowerCase() === 'none'
        ? []
        : ['ProxyCommand is not supported; use ProxyJump'],
  };
}

/** Replaces tokens such as `%h`. Reports a token that is not in `tokens` as a problem. */
function expandTokens(
  text: string,
  tokens: Readonly<Record<string, string>>,
  keyword: string,
): { text: string; problems: string[] } {
  const problems: string[] = [];
  const expanded = text.replace(/%(.?)/gsu, (token, letter: string) => {
    if (letter === '%') return '%';
    const value = Object.hasOwn(tokens, letter) ? tokens[letter] : undefined;
    if (value === undefined) problems.push(`${keyword} has ${token}, which is not supported`);
    return value ?? token;
  });
  return { text: expanded, problems };
}

type Resolved = { hop: ImportedHop; jump: string | null; problems: string[] };

/** The address, user and key of `alias`, without its jump hosts. */
function resolveHop(
  alias: string,
  override: { user: string | null; port: number | null },
  reading: Reading,
): Resolved {
  const { settings, problems } = collectSettings(alias, reading);
  const { localUser, homeFolder } = reading.people;
  const host = expandTokens(settings.hostname ?? alias, { h: alias, n: alias }, 'HostName');
  const port =
    override.port ?? Number(/^\d{1,5}$/u.test(settings.port ?? '22') ? (settings.port ?? '22') : 0);
  if (port < 1 || port > 65_535) problems.push('Port is not a number from 1 to 65535');
  const user = override.user ?? settings.user ?? localUser;
  const tokens = { h: host.text, n: alias, p: String(port), r: user, u: localUser, d: homeFolder };
  const isWithoutKey = settings.identityfile === undefined || settings.identityfile.toLowerCase() === 'none';
  const key = isWithoutKey ? null : expandTokens(settings.identityfile ?? '', tokens, 'IdentityFile');
  const jump =
    settings.proxyjump === undefined ? null : expandTokens(settings.proxyjump, tokens, 'ProxyJump');
  return {
    hop: { host: host.text, port, user, keyFile: key?.text ?? null },
    jump: jump === null || jump.text.toLowerCase() === 'none' ? null : jump.text,
    problems: [...problems, ...host.problems, ...(key?.problems ?? []), ...(jump?.problems ?? [])],
  };
}

/**
 * Resolves the hosts of a ProxyJump, in order. Only the first host may have a ProxyJump of its own **[doc]**.
 */
function resolveJumps(
  jump: string,
  reading: Reading,
  visited: readonly string[],
): { jumps: ImportedHop[]; problems: string[] } {
  const jumps: ImportedHop[] = [];
  const problems: string[] = [];
  for (const [index, written] of jump.split(',').entries()) {
    const address = readAddress(written.trim().replace(/^ssh:\/\//u, ''));
    if (address === null) return { jumps, problems: [...problems, 'ProxyJump has no valid host name'] };
    const resolved = resolveHop(address.host, address, reading);
    problems.push(...resolved.problems.map((problem) => `jump host ${address.host}: ${problem}`));
    if (index === 0 && resolved.jump !== null) {
      if (visited.includes(address.host) || visited.length >= maxJumps)
        return { jumps, problems: [...problems, 'ProxyJump forms a loop or goes through too many hosts'] };
      const before = resolveJumps(resolved.jump, reading, [...visited, address.host]);
      jumps.push(...before.jumps);
      problems.push(...before.problems);
    }
    jumps.push(resolved.hop);
  }
  if (jumps.length > maxJumps) problems.push(`ProxyJump goes through more than ${maxJumps} hosts`);
  return { jumps: jumps.slice(0, maxJumps), problems };
}

function createCandidate(alias: string, place: string, reading: Reading): ImportCandidate {
  const { hop, jump, problems } = resolveHop(alias, { user: null, port: null }, reading);
  const way = jump === null ? { jumps: [], problems: [] } : resolveJumps(jump, reading, [alias]);
  return {
    place,
    name: alias.toLowerCase(),
    target: hop,
    jumps: way.jumps,
    fields: {},
    problems: [...problems, ...way.problems],
  };
}

/**
 * Reads the hosts that an ssh_config names without a wildcard, in order, with the settings that ssh would use
 * for each. `Match` blocks are not supported and are reported in `problems`. Pure except for `readInclude`;
 * never throws.
 */
export function readSshConfig(options: {
  file: SshConfigFile;
  readInclude: ReadInclude;
  people: SshConfigOwner;
}): { candidates: ImportCandidate[]; problems: string[] } {
  const { directives, problems } = readSshConfigSyntax(options.file, options.readInclude);
  const reading = { directives, people: options.people };
  const aliases = new Map<string, { alias: string; place: string }>();
  for (const { keyword, values, place, blocks } of directives) {
    if (keyword !== 'host' || blocks.includes(null)) continue;
    for (const alias of values) {
      if (/[*?]/u.test(alias) || alias.startsWith('!')) continue;
      const isReached = blocks.every((patterns) => patterns !== null && matchesPatterns(alias, patterns));
      if (isReached && !aliases.has(alias.toLowerCase())) aliases.set(alias.toLowerCase(), { alias, place });
    }
  }
  return {
    candidates: [...aliases.values()].map(({ alias, place }) => createCandidate(alias, place, reading)),
    problems,
  };
}
