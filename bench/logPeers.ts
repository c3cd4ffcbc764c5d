import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { isInstalled } from './program.ts';

/** What to count: the arguments of grep, and the pattern of lnav, which ignores case. */
export type PeerSearch = { grep: readonly string[]; lnav: string };
export type PeerCount = { ms: number; hits: number };

export const peerNames = ['grep', 'zgrep', 'lnav'] as const;
export type PeerName = (typeof peerNames)[number];

const maxOutput = 2 ** 31;

function timeProgram(command: string, argv: readonly string[], home: string) {
  const started = performance.now();
  const { stdout } = spawnSync(command, argv, {
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: maxOutput,
    env: { ...process.env, LC_ALL: 'C.UTF-8', HOME: home },
  });
  return { ms: performance.now() - started, stdout };
}

function countNewlines(text: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(10); at !== -1; at = text.indexOf(10, at + 1)) count += 1;
  return count;
}

/**
 * The peers that are installed, with a text file in `folder`. zgrep reads its gzip copy. lnav indexes the file at each start
 * and prints what it finds, because it can't count alone.
 */
export function openLogPeers(folder: string, file: string) {
  const packed = join(folder, 'syslog.gz');
  writeFileSync(packed, gzipSync(readFileSync(file), { level: 6 }));
  const grep = (command: string, argv: readonly string[], path: string): PeerCount => {
    const { ms, stdout } = timeProgram(command, [...argv, path], folder);
    return { ms, hits: Number(stdout.toString()) };
  };
  const count: Record<PeerName, (search: PeerSearch) => PeerCount> = {
    grep: ({ grep: argv }) => grep('grep', argv, file),
    zgrep: ({ grep: argv }) => grep('zgrep', argv, packed),
    lnav: ({ lnav }) => {
      const { ms, stdout } = timeProgram('lnav', ['-n', '-c', `:filter-in ${lnav}`, file], folder);
      return { ms, hits: countNewlines(stdout) };
    },
  };
  return peerNames.filter(isInstalled).map((name) => ({ name, count: count[name] }));
}
