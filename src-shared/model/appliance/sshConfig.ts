import { readAddress } from './address.ts';
import type { ImportCandidate, ImportedHop } from './importCandidate.ts';
import { maxImportedAppliances } from './importRow.ts';
import {
  readSshConfigSyntax,
  type ReadInclude,
  type SshConfigFile,
  type SshDirective,
} from './sshConfigSyntax.ts';

export type SshConfigOwner = { localUser: string; homeFolder: string };

const maxJumps = 8;

type Settings = { [keyword in 'hostname' | 'user' | 'port' | 'identityfile' | 'proxyjump']?: string };
type Collected = { settings: Settings; problems: string[] };
type Reading = {
  directives: readonly SshDirective[];
  people: SshConfigOwner;
  /** What was collected so far, by alias: many hosts share their jump hosts. */
  collected: Map<string, Collected>;
};

const usedKeywords = new Set(['hostname', 'user', 'port', 'identityfile', 'proxyjump', 'proxycommand']);

function isInBlocks(alias: string, blocks: SshDirective['blocks']): boolean {
  return blocks.every((matches) => matches !== null && matches(alias));
}

/**
 * Collects the settings of `alias`. The first value of each keyword wins. Of ProxyJump and ProxyCommand, the
 * first wins.
 */
function collectSettings(alias: string, directives: readonly SshDirective[]): Collected {
  const found = new Map<string, string>();
  let block: SshDirective['blocks'] | null = null;
  let isFor = false;
  for (const { keyword, values, blocks } of directives) {
    const isDecided = found.has(keyword) || (keyword.startsWith('proxy') && found.has('proxy'));
    if (isDecided || !usedKeywords.has(keyword)) continue;
    if (blocks !== block) isFor = isInBlocks(alias, blocks);
    block = blocks;
    if (!isFor) continue;
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

/** Replaces tokens such as `%h` and `${HOME}`. Reports a token that is not in `tokens` as a problem. */
function expandTokens(
  text: string,
  tokens: Readonly<Record<string, string>>,
  keyword: string,
): { text: string; problems: string[] } {
  const problems: string[] = [];
  const expanded = text.replace(/%.?|\$\{[^}]*\}?/gsu, (token) => {
    if (token === '%%') return '%';
    const value = Object.hasOwn(tokens, token) ? tokens[token] : undefined;
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
  const collected = reading.collected.get(alias) ?? collectSettings(alias, reading.directives);
  reading.collected.set(alias, collected);
  const { settings } = collected;
  const problems = [...collected.problems];
  const { localUser, homeFolder } = reading.people;
  const host = expandTokens(settings.hostname ?? alias, { '%h': alias, '%n': alias }, 'HostName');
  const port =
    override.port ?? Number(/^\d{1,5}$/u.test(settings.port ?? '22') ? (settings.port ?? '22') : 0);
  if (port < 1 || port > 65_535) problems.push('Port is not a number from 1 to 65535');
  const user = override.user ?? settings.user ?? localUser;
  const tokens = {
    '%h': host.text,
    '%n': alias,
    '%p': String(port),
    '%r': user,
    '%u': localUser,
    '%d': homeFolder,
  };
  // Only these variables: a pasted file must not show others, which may be secret.
  const variables = { '${HOME}': homeFolder, '${USER}': localUser, '${LOGNAME}': localUser };
  const isWithoutKey = settings.identityfile === undefined || settings.identityfile.toLowerCase() === 'none';
  const key = isWithoutKey
    ? null
    : expandTokens(
        (settings.identityfile ?? '').replace(/^%(?:USERPROFILE|HOME)%/iu, '~'),
        { ...tokens, ...variables },
        'IdentityFile',
      );
  const jump =
    settings.proxyjump === undefined ? null : expandTokens(settings.proxyjump, tokens, 'ProxyJump');
  return {
    hop: { host: host.text, port, user, keyFile: key?.text ?? null },
    jump: jump === null || jump.text.toLowerCase() === 'none' ? null : jump.text,
    problems: [...problems, ...host.problems, ...(key?.problems ?? []), ...(jump?.problems ?? [])],
  };
}

/**
 * Resolves the hosts of a ProxyJump, in order. As in ssh **[doc]**, only the first host's own ProxyJump is
 * used, because each later host is reached over the host before it in the list.
 */
function resolveJumps(
  jump: string,
  reading: Reading,
  visited: readonly string[],
): { jumps: ImportedHop[]; problems: string[] } {
  const jumps: ImportedHop[] = [];
  const problems: string[] = [];
  for (const [index, written] of jump.split(',').entries()) {
    const address = readAddress(written.trim());
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

/** `duplicate` is an earlier alias with the same name in lower case. */
type HostAlias = { name: string; place: string; duplicate: Omit<HostAlias, 'duplicate'> | null };

function createCandidate({ name, place, duplicate }: HostAlias, reading: Reading): ImportCandidate {
  const { hop, jump, problems } = resolveHop(name, { user: null, port: null }, reading);
  const way = jump === null ? { jumps: [], problems: [] } : resolveJumps(jump, reading, [name]);
  return {
    place,
    name: name.toLowerCase(),
    target: hop,
    jumps: way.jumps,
    fields: {},
    problems: [
      ...problems,
      ...way.problems,
      ...(duplicate === null
        ? []
        : [
            `${name} and ${duplicate.name} (${duplicate.place}) differ only in case, and appliance names have lower case`,
          ]),
    ],
  };
}

/**
 * Reads the hosts that an ssh_config names without a wildcard, in order, with the settings that ssh would use
 * for each. `Match` blocks and hosts above the limit of an import are reported in `problems`. Pure except for
 * `readInclude`; never throws.
 */
export function readSshConfig(options: {
  file: SshConfigFile;
  readInclude: ReadInclude;
  people: SshConfigOwner;
}): { candidates: ImportCandidate[]; problems: string[] } {
  const { directives, problems } = readSshConfigSyntax(options.file, options.readInclude);
  const aliases = new Map<string, HostAlias>();
  const inLowerCase = new Map<string, HostAlias>();
  for (const { keyword, values, place, blocks } of directives) {
    if (keyword !== 'host' || blocks.includes(null)) continue;
    for (const name of values) {
      if (aliases.has(name) || /[*?]/u.test(name) || name.startsWith('!')) continue;
      if (!isInBlocks(name, blocks)) continue;
      const alias = { name, place, duplicate: inLowerCase.get(name.toLowerCase()) ?? null };
      aliases.set(name, alias);
      if (alias.duplicate === null) inLowerCase.set(name.toLowerCase(), alias);
    }
  }
  const left = aliases.size - maxImportedAppliances;
  const reading = { directives, people: options.people, collected: new Map<string, Collected>() };
  return {
    candidates: [...aliases.values()]
      .slice(0, maxImportedAppliances)
      .map((alias) => createCandidate(alias, reading)),
    problems:
      left > 0
        ? [
            `At most ${maxImportedAppliances} appliances can be imported at once; ${left} were skipped.`,
            ...problems,
          ]
        : problems,
  };
}
