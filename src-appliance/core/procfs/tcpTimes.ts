import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How long ago the kernel last sent and last received data on a connection, milliseconds. */
export type TcpTimes = { lastSentMs: number; lastReceivedMs: number };

/** Parses the output of `ss -Htine`: two lines per connection, the first with its inode, the second with its times. */
export function parseTcpTimes(text: string): Map<string, TcpTimes> {
  const times = new Map<string, TcpTimes>();
  let inode: string | undefined;
  for (const line of text.split('\n')) {
    if (!/^\s/.test(line)) inode = / ino:(\d+)/.exec(line)?.[1];
    // `ss` omits a time of 0.
    if (inode === undefined || !line.includes(' rto:')) continue;
    times.set(inode, {
      lastSentMs: Number(/ lastsnd:(\d+)/.exec(line)?.[1] ?? 0),
      lastReceivedMs: Number(/ lastrcv:(\d+)/.exec(line)?.[1] ?? 0),
    });
  }
  return times;
}

/**
 * Times by inode, for established connections at these local ports. /proc/net/tcp lacks them, so this runs ss
 * (iproute2), which asks over netlink. Without ss the map is empty.
 */
export async function readTcpTimes(localPorts: ReadonlySet<number>): Promise<Map<string, TcpTimes>> {
  if (localPorts.size === 0) return new Map();
  const filter = [...localPorts].map((port) => `sport = :${port}`).join(' or ');
  try {
    const { stdout } = await run('ss', ['-Htine', 'state', 'established', `( ${filter} )`], {
      maxBuffer: 64 * 1024 * 1024,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    });
    return parseTcpTimes(stdout);
  } catch {
    return new Map();
  }
}

/**
 * Since when the peer of a connection is silent; null if it is not. sshd sends a keep-alive to an idle client every
 * `intervalSeconds` (ClientAliveInterval), and a live client answers at once. A client counts as silent from its second
 * unanswered keep-alive **[ours]**: no data for two intervals, and most of one between the last data received and the
 * last sent. This detects a stopped client, whose kernel still acknowledges, and a network that drops everything.
 */
export function unansweredSince(times: TcpTimes, intervalSeconds: number, now: number): string | null {
  const intervalMs = intervalSeconds * 1000;
  const { lastSentMs, lastReceivedMs } = times;
  if (lastReceivedMs < 2 * intervalMs || lastReceivedMs - lastSentMs < intervalMs * 0.8) return null;
  return new Date(now - lastReceivedMs + 2 * intervalMs).toISOString();
}
