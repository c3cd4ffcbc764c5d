import { readFile } from 'node:fs/promises';

/**
 * Load on an sshd: the maximum number of simultaneous unauthenticated connections, and the number of dropped
 * connections.
 */
export type Herd = { maxUnauthenticated: number; dropped: number; throttled: number };

const everyMs = 100;

const readChildren = async (pid: number): Promise<number[]> => {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
};
const readTitle = (pid: number): Promise<string> => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');

/**
 * Counts the connections that sshd has not authenticated yet, which MaxStartups limits, until `stop`. `sshdPid` returns
 * the listening process, which changes with a restart.
 */
export function watchHerd(options: { sshdPid: () => Promise<number | null>; logFile: string }): {
  stop: () => Promise<Herd>;
} {
  const authenticated = new Set<number>();
  let most = 0;
  const ended = new AbortController();

  const isUnauthenticated = async (pid: number): Promise<boolean> => {
    if (authenticated.has(pid)) return false;
    const children = await readChildren(pid);
    const titles = await Promise.all(children.map(readTitle));
    // After the login, the user's own process replaces the unprivileged child that spoke with the network.
    const isThrough = titles.some((title) => /^sshd: \S+(?:@\S+)?\0*$/u.test(title) && !title.includes('['));
    if (isThrough) authenticated.add(pid);
    return !isThrough;
  };
  const look = async (): Promise<void> => {
    const pid = await options.sshdPid();
    if (pid === null) return;
    const states = await Promise.all((await readChildren(pid)).map(isUnauthenticated));
    most = Math.max(most, states.filter(Boolean).length);
  };
  const watching = (async () => {
    const before = (await readFile(options.logFile, 'utf8')).length;
    while (!ended.signal.aborted) {
      await look();
      await new Promise((resolve) => {
        setTimeout(resolve, everyMs);
      });
    }
    return (await readFile(options.logFile, 'utf8')).slice(before);
  })();
  return {
    stop: async () => {
      ended.abort();
      const log = await watching;
      // sshd also logs the number of connections when it drops one, so a low sampling rate is enough.
      const counted = [...log.matchAll(/drop connection #(\d+)/gu)].map(([, count]) => Number(count));
      return {
        maxUnauthenticated: Math.max(most, ...counted),
        dropped: log.match(/drop connection #/gu)?.length ?? 0,
        throttled: log.match(/beginning MaxStartups throttling/gu)?.length ?? 0,
      };
    },
  };
}
