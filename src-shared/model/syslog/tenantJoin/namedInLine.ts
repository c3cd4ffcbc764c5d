import { firstPort, lastPort, type PortRange } from '../../tenants/ports.ts';
import type { ParsedLine } from '../syslogParse.ts';

/** What is known about a tenant of an appliance. */
export type KnownTenant = { clientId: string; ports: readonly PortRange[]; fingerprints: readonly string[] };
export type JoinLine = Pick<ParsedLine, 'program' | 'pid' | 'message'>;

/** Programs of the kit, which write a tenant's name as a fact and not by chance. */
export const isOfKit = ({ program }: JoinLine) =>
  program !== null && /^(?:sallyport|registrar$|ke_)/u.test(program);
export const isOfSshd = ({ program }: JoinLine) =>
  program !== null && /^sshd(?:-session|-auth)?$/u.test(program);

/** Client IDs that are common words of logs say nothing in the lines of other programs **[ours]**. */
const commonWords: ReadonlySet<string> = new Set(
  'accepted admin alert all api auth client closed connect connection cron daemon data debug default error eth0 fail failed for from host http https info info kernel key local localhost log login main message name network nginx no not notice null on open opened port process public publickey read remote request root server service session ssh ssh2 sshd start started status stop stopped success sudo syslog system systemd tcp test time to true ubuntu udp unknown up user warning web with worker write'.split(
    ' ',
  ),
);
const minFreeLength = 3;

/** `tenant NAME`, as the kit's service writes it, also about a tenant that was removed since. */
const factPattern = /\btenant ([a-z0-9][a-z0-9._-]{0,62})(?=[,:; ]|$)/u;
const wordPattern = /[a-z0-9][a-z0-9._-]*/gu;
const maxWords = 2000;

/** The tenants whose client IDs a message contains as whole words, in order. */
export function findNamedTenants(line: JoinLine, isTenant: (clientId: string) => boolean): string[] {
  const found = new Set<string>();
  const isKit = isOfKit(line);
  const fact = isKit ? factPattern.exec(line.message)?.[1] : undefined;
  if (fact !== undefined) found.add(fact.replace(/[._-]+$/u, ''));
  let count = 0;
  for (const { 0: word, index } of line.message.matchAll(wordPattern)) {
    if ((count += 1) > maxWords) break;
    // A word with a capital letter before it is a part of another one.
    if (/[\p{L}\p{N}_]/u.test(line.message.charAt(index - 1))) continue;
    // A name may be the end of a sentence.
    const name = [word, word.replace(/[._-]+$/u, '')].find(isTenant);
    if (name === undefined) continue;
    if (isKit || (name.length >= minFreeLength && !commonWords.has(name))) found.add(name);
  }
  return [...found];
}

/** The other side of a connection, as sshd names it. Its port says nothing about a tenant's ports. */
const peerPattern =
  /\b(?:from|by) (?:remote host |(?:invalid |authenticating )?user \S{1,64} )?([0-9a-fA-F.:]{2,45}(?:%\w{1,16})? port \d{1,5})\b/gu;
const portPattern =
  /(?:\bport(?:=|:? )|\bforward |(?:127\.0\.0\.1|\[127\.0\.0\.1\]|\[::1\]|localhost|0\.0\.0\.0|\[::\]|\*):)(\d{4})(?![\d\w-])/gu;
const processPattern = /\b(?:sshd(?:-session)?|pid|process) \d+/gu;
const kitPortPattern = /(?<![\w.:/-])(\d{4})(?![\w:/-]|\.\d)/gu;

/** The ports of tenants that a message names. The kit's programs write them as plain numbers, too. */
export function findNamedPorts(line: JoinLine): number[] {
  const message = line.message.replaceAll(peerPattern, '').replaceAll(processPattern, '');
  const patterns = isOfKit(line) ? [portPattern, kitPortPattern] : [portPattern];
  const found = patterns.flatMap((pattern) =>
    Array.from(message.matchAll(pattern), (match) => Number(match[1])),
  );
  return [...new Set(found)].filter((port) => port >= firstPort && port <= lastPort);
}

/** The fingerprints of keys in a message. */
export function findFingerprints(message: string): string[] {
  return message.match(/\bSHA256:[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/])/gu) ?? [];
}

/** The other side of a connection in a message of sshd, e.g. `10.4.0.7 port 52144`. */
export function findPeer(message: string): string | null {
  const [match] = message.matchAll(peerPattern);
  return match?.[1] ?? null;
}
