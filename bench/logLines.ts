import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformInt } from 'pure-rand/distribution/uniformInt';

/** Random, but the same for each run: 70 % ISO stamps, 30 % RFC 3164, unique ids, and every 97th line not ASCII. */
export function createLogLines(seed: number) {
  const random = xoroshiro128plus(seed);
  const upTo = (max: number) => uniformInt(random, 0, max);
  const hex = (length: number) => Array.from({ length }, () => upTo(15).toString(16)).join('');
  const address = () => `10.${upTo(255)}.${upTo(255)}.${upTo(255)}`;
  const day = Date.parse('2026-11-20T00:00:00Z');
  let number = 0;

  const messages: readonly (() => string)[] = [
    () =>
      `sshd[${upTo(60_000)}]: Accepted publickey for connect from ${address()} port ${upTo(65_535)} ssh2: ED25519 SHA256:${hex(43)}`,
    () => `sshd[${upTo(60_000)}]: error: bind [127.0.0.1]:${2000 + upTo(800)}: Address already in use`,
    () =>
      `nginx[88]: ${address()} GET /api/v1/tenants/${hex(8)} 200 ${upTo(99_999)} req-${hex(8)}-${hex(4)} 0.${upTo(999)}`,
    () =>
      `CRON[${upTo(60_000)}]: (root) CMD (test -x /usr/sbin/anacron || run-parts --report /etc/cron.hourly)`,
    () => `ke_api[4711]: request ${hex(12)} of tenant northwind took ${upTo(9999)} ms and was answered`,
    () => `ke_worker[812]: job ${hex(16)} finished in ${upTo(999)} ms, ${upTo(40)} tunnels probed`,
    () =>
      `kernel: [${upTo(99_999)}.${upTo(999_999)}] eth0: link becomes ready, queue ${upTo(9)} of ${hex(4)}`,
  ];

  function line(): string {
    number += 1;
    const time = new Date(day + number * 7).toISOString();
    const stamp =
      upTo(9) < 7
        ? time.replace('Z', `${String(upTo(999)).padStart(3, '0')}+00:00`)
        : `Nov 20 ${time.slice(11, 19)}`;
    const rare = number % 75_000 === 1 ? ' zanzibar' : '';
    const other = number % 97 === 0 ? ' für Größe' : '';
    return `${stamp} kiln-0${1 + upTo(3)} ${messages[upTo(messages.length - 1)]?.() ?? ''}${rare}${other}\n`;
  }
  return {
    /** The next lines, as a file has them. */
    take: (count: number): Buffer => Buffer.from(Array.from({ length: count }, line).join('')),
  };
}
