import { runProgram } from '../../../src-shared/node/runProgram.ts';

export type TcpTimes = {
  /** How many milliseconds ago the kernel last sent and last received data on the connection. */
  lastSentMs: number;
  lastReceivedMs: number;
  /** Whether the kernel repeats data that the peer does not acknowledge. */
  isSendingStalled: boolean;
};

/** After as many repetitions without progress, packets don't get lost by chance any more **[ours]**. */
const minBackoff = 2;

/**
 * Parses the output of `ss -Htine`. Each connection has two lines: the first contains the bytes that wait to be
 * sent and its inode, the second its times.
 */
export function parseTcpTimes(text: string): Map<string, TcpTimes> {
  const times = new Map<string, TcpTimes>();
  let inode: string | undefined;
  let hasUnsent = false;
  for (const line of text.split('\n')) {
    if (!/^\s/.test(line)) {
      inode = / ino:(\d+)/.exec(line)?.[1];
      hasUnsent = /^\d+\s+[1-9]/.test(line);
    }
    // If a time is missing, it is 0.
    if (inode === undefined || !line.includes(' rto:')) continue;
    times.set(inode, {
      lastSentMs: Number(/ lastsnd:(\d+)/.exec(line)?.[1] ?? 0),
      lastReceivedMs: Number(/ lastrcv:(\d+)/.exec(line)?.[1] ?? 0),
      isSendingStalled: hasUnsent && Number(/ backoff:(\d+)/.exec(line)?.[1] ?? 0) >= minBackoff,
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
