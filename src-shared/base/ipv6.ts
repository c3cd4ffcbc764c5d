/** An IPv6 address with an optional zone (RFC 4291, 2.2; RFC 4007, 11), e.g. `fe80::1%eth0`. */
export function isIpv6(text: string): boolean {
  const [address = '', zone] = text.split('%', 2);
  if (zone === '' || text.split('%').length > 2 || !/^[0-9a-fA-F:.]{2,45}$/u.test(address)) return false;
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const isDotted = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/u.test(last) && address.endsWith(last);
  const words = isDotted ? groups.slice(0, -1) : groups;
  if (!words.every((word) => /^[0-9a-fA-F]{1,4}$/u.test(word))) return false;
  const count = words.length + (isDotted ? 2 : 0);
  return halves.length === 2 ? count < 8 : count === 8;
}

/** How many groups after an address may belong to the text, such as a port or the colon of a sentence. */
const maxTrailing = 3;

/** The longest start of `text` that is an IPv6 address and ends before a colon, e.g. of `fe80::1: timed out`. Null without such an address. */
export function findIpv6Start(text: string): string | null {
  let candidate = text;
  for (let index = 0; index <= maxTrailing; index += 1) {
    if (isIpv6(candidate)) return candidate;
    const colon = candidate.lastIndexOf(':');
    if (colon <= 0) return null;
    candidate = candidate.slice(0, colon);
  }
  return null;
}
