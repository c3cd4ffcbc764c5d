import { findIpv6Start } from '../../../base/ipv6.ts';

/** Only this much of a message makes its pattern **[ours]**. */
const maxMasked = 1024;

/** What varies between lines of one kind. The first that fits wins; each starts and ends at the edge of a word. */
const variable = new RegExp(
  [
    String.raw`(?<key>\bSHA256:[A-Za-z0-9+/]{43})`,
    String.raw`(?<id>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b)`,
    String.raw`(?<time>\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?|(?<![\w:.])\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?![\w:]))`,
    String.raw`(?<mac>(?<![\w:])(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}(?![\w:]))`,
    String.raw`(?<ip>(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d))`,
    String.raw`(?<ip6>(?<![\w:.])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,8}(?:\.\d{1,3}){0,3}(?:%\w{1,16})?(?![\w:]))`,
    String.raw`(?<hex>\b0x[0-9a-fA-F]+\b|(?<!\w)(?=[0-9a-fA-F]{0,63}\d)(?=[0-9a-fA-F]{0,63}[a-fA-F])[0-9a-fA-F]{8,64}(?!\w))`,
    String.raw`(?<token>(?<!\w)(?=[A-Za-z0-9]{0,63}\d)(?=[A-Za-z0-9]{0,63}[A-Za-z])[A-Za-z0-9]{16,64}(?!\w))`,
    String.raw`(?<n>(?<![\p{L}\p{N}_.])\d+(?:[.,]\d+)*)`,
  ].join('|'),
  'gu',
);

const number = /(?<![\w.])\d+(?![\w])/gu;
const names: Readonly<Record<string, string>> = { token: 'id' };

/**
 * The pattern of a message: numbers, addresses, times, keys and ids become placeholders such as `‹ip›`, so that lines that
 * differ only in these have the same pattern. Numbers inside names (`eth0`, `ssh2`) stay.
 */
export function maskMessage(message: string): string {
  const text = message.length > maxMasked ? `${message.slice(0, maxMasked)}…` : message;
  return text.replaceAll(variable, (match: string, ...rest: unknown[]) => {
    const groups = Object.entries(rest.at(-1) ?? {});
    const name = groups.find(([, value]) => value !== undefined)?.[0] ?? 'n';
    if (name === 'ip6') {
      const start = findIpv6Start(match) ?? '';
      // Names such as `a::b::c` only begin like an address.
      const address = /^(?::\d*)?$/u.test(match.slice(start.length)) ? start : '';
      return `${address === '' ? '' : '‹ip›'}${match.slice(address.length).replaceAll(number, '‹n›')}`;
    }
    return `‹${names[name] ?? name}›`;
  });
}
