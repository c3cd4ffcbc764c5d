import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { isInstalled } from './program.ts';

/** What to count: the arguments of grep, and the pattern of lnav, which ignores case. */
export type PeerSearch = { grep: readonly string[]; lnav: string };
export type PeerCount = { ms: number; hits: number };

export const peerNames = ['grep', 'zgrep', 'lnav'] as const;
export type PeerName = (typeof peerNames)[number];

/** Runs a program, and passes on what it writes, of which there may be gigabytes. */
async function timeProgram(call: {
  command: string;
  argv: readonly string[];
  home: string;
  onOutput: (bytes: Buffer) => void;
}): Promise<number> {
  const started = performance.now();
  const child = spawn(call.command, call.argv, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, LC_ALL: 'C.UTF-8', HOME: call.home },
  });
  for await (const bytes of child.stdout) call.onOutput(bytes);
  return performance.now() - started;
}

function countNewlines(text: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(10); at !== -1; at = text.indexOf(10, at + 1)) count += 1;
  return count;
}

/**
 * The wanted peers that are installed, with a text file in `folder`. zgrep reads its gzip copy. lnav indexes the file at each
 * start and prints what it finds, because it can't count alone.
 */
export async function openLogPeers(folder: string, file: string, wanted: readonly string[]) {
  const names = peerNames.filter((name) => wanted.includes(name) && isInstalled(name));
  const packed = join(folder, 'syslog.gz');
  if (names.includes('zgrep'))
    await pipeline(createReadStream(file), createGzip({ level: 6 }), createWriteStream(packed));
  const grep = async (command: string, argv: readonly string[], path: string): Promise<PeerCount> => {
    let output = '';
    const onOutput = (bytes: Buffer) => (output += bytes.toString());
    const ms = await timeProgram({ command, argv: [...argv, path], home: folder, onOutput });
    return { ms, hits: Number(output) };
  };
  const count: Record<PeerName, (search: PeerSearch) => Promise<PeerCount>> = {
    grep: ({ grep: argv }) => grep('grep', argv, file),
    zgrep: ({ grep: argv }) => grep('zgrep', argv, packed),
    lnav: async ({ lnav }) => {
      let hits = 0;
      const argv = ['-n', '-c', `:filter-in ${lnav}`, file];
      const onOutput = (bytes: Buffer) => (hits += countNewlines(bytes));
      return { ms: await timeProgram({ command: 'lnav', argv, home: folder, onOutput }), hits };
    },
  };
  return names.map((name) => ({ name, count: count[name] }));
}
