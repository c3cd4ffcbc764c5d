import { runProgram } from '../../../src-shared/node/runProgram.ts';

/**
 * `clear`: the peer acknowledged all data. `stalled`: the kernel repeats data that the peer does not acknowledge.
 * `pending`: data is not acknowledged yet, and was not repeated often enough to tell.
 */
export type Sending = 'clear' | 'pending' | 'stalled';

export type TcpTimes = {
  /** How many milliseconds ago the kernel last sent and last received data on the connection. */
  lastSentMs: number;
  lastReceivedMs: number;
  sending: Sending;
};

/** After as many repetitions without progress, packets don't get lost by chance any more **[ours]**. */
const minBackoff = 2;

function findSending(hasUnacknowledged: boolean, timesLine: string): Sending {
  if (!hasUnacknowledged) return 'clear';
  return Number(/ backoff:(\d+)/.exec(timesLine)?.[1] ?? 0) >= minBackoff ? 'stalled' : 'pending';
}

/**
 * Parses the output of `ss -Htine`. Each connection has two lines: the first contains the bytes that are not
 * acknowledged and its inode, the second its times.
 */
export function parseTcpTimes(text: string): Map<string, TcpTimes> {
  const times = new Map<string, TcpTimes>();
  let inode: string | undefined;
  let hasUnacknowledged = false;
  for (const line of text.split('\n')) {
    if (!/^\s/.test(line)) {
      inode = / ino:(\d+)/.exec(line)?.[1];
      hasUnacknowledged = /^\d+\s+[1-9]/.test(line);
    }
    // If a time is missing, it is 0.
    if (inode === undefined || !line.includes(' rto:')) continue;
    times.set(inode, {
      lastSentMs: Number(/ lastsnd:(\d+)/.exec(line)?.[1] ?? 0),
      lastReceivedMs: Number(/ lastrcv:(\d+)/.exec(line)?.[1] ?? 0),
      sending: findSending(hasUnacknowledged, line),
    });
  }
  return times;
}

/**
 * Times of the established connections at these local ports, by inode. Runs ss (iproute2), because
 * /proc/net/tcp doesn't contain these times. Empty if ss is missing.
 */
export async function readTcpTimes(localPorts: ReadonlySet<number>): Promise<Map<string, TcpTimes>> {
  if (localPorts.size === 0) return new Map();
  const filter = [...localPorts].map((port) => `sport = :${port}`).join(' or ');
  try {
    const { stdout } = await runProgram('ss', ['-Htine', 'state', 'established', `( ${filter} )`], {
      maxBuffer: 64 * 1024 * 1024,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    });
    return parseTcpTimes(stdout);
  } catch {
    return new Map();
  }
}

/**
 * Since when a client is silent, or null. sshd sends a keep-alive to an idle client every `intervalSeconds`
 * (ClientAliveInterval), and a live client replies at once. A client is silent after two keep-alives
 * without a reply **[ours]**. This detects a stopped client, whose kernel still acknowledges, and a network
 * that drops everything.
 */
export function findSilentSince(
  times: Pick<TcpTimes, 'lastSentMs' | 'lastReceivedMs'>,
  intervalSeconds: number,
  now: number,
): string | null {
  const intervalMs = intervalSeconds * 1000;
  const { lastSentMs, lastReceivedMs } = times;
  if (lastReceivedMs < 2 * intervalMs || lastReceivedMs - lastSentMs < intervalMs * 0.8) return null;
  return new Date(now - lastReceivedMs + 2 * intervalMs).toISOString();
}
