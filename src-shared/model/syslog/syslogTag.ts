import { isIpv6 } from '../../base/ipv6.ts';

/** Also the placeholder of a redacted name, e.g. `<host-1>`. */
const namePattern = /^(?<host><[a-z-]{1,20}-(?:\d{1,9}|other)>|[\p{L}\p{N}_][^\s:[\]"'(),;<>=]{0,254}) /u;
const addressPattern = /^(?<open>\[?)(?<host>[0-9a-fA-F:.]+(?:%[\w.-]{1,64})?)(?<close>\]?) /u;

/** Reads the host at the start of `text`: a name, an IPv4 address, or an IPv6 address with or without brackets. */
function readHost(text: string): { host: string; length: number } | null {
  const name = namePattern.exec(text);
  if (name?.groups?.['host'] !== undefined) return { host: name.groups['host'], length: name[0].length };
  const address = addressPattern.exec(text);
  const { host = '', open, close } = address?.groups ?? {};
  const isPaired = (open === '') === (close === '');
  return address !== null && isPaired && isIpv6(host) ? { host, length: address[0].length } : null;
}

/**
 * A tag is a name, perhaps with a process ID in brackets, and a colon. The name has a letter, so that `2001:` or a
 * time is no tag. Colons inside parentheses belong to the name, as in `pam_unix(sudo:session):`.
 */
const tagPattern =
  /^(?=[^\s:]{0,128}\p{L})(?<program>(?:[^\s:[\]()]|\([^\s()]{0,128}\)){1,128}(?:\[[^\s[\]]{0,64}\](?=\[)){0,4})(?:\[(?<processId>[^\s[\]]{0,128})\]:|:(?= |$)) ?/u;

/**
 * Splits the text after the time: `HOST TAG: MESSAGE`, or `TAG: MESSAGE` without `hasHost`. What has another form stays
 * in `message`.
 */
export function readTagged({ text, hasHost }: { text: string; hasHost: boolean }): {
  host: string | null;
  program: string | null;
  pid: number | null;
  message: string;
} {
  const found = hasHost ? readHost(text) : null;
  const rest = found === null ? text : text.slice(found.length);
  const tag = tagPattern.exec(rest);
  const processId = tag?.groups?.['processId'] ?? '';
  return {
    host: found?.host ?? null,
    program: tag?.groups?.['program'] ?? null,
    pid: /^\d{1,10}$/u.test(processId) ? Number(processId) : null,
    message: tag === null ? rest : rest.slice(tag[0].length),
  };
}
