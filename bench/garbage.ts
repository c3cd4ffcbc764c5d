import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { readChildren } from '../src-appliance/core/procfs/procfs.ts';

export type Refusal = { seconds: number; rssMb: number; exitCode: number | null; said: string };

/** The largest resident memory of a process so far. 0 if it has ended. */
function readPeakMb(pid: number): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}

async function readTreePeakMb(pid: number): Promise<number> {
  const children = await readChildren(pid).catch(() => []);
  const peaks = await Promise.all(children.map((child) => readTreePeakMb(child.pid)));
  return Math.max(readPeakMb(pid), ...peaks);
}

/**
 * Runs a command with `stdinFile` on its standard input, and measures its time and the largest resident memory of its
 * processes.
 */
export async function measureRefusal(argv: readonly string[], stdinFile: string | null): Promise<Refusal> {
  const [program = '', ...args] = argv;
  const begun = performance.now();
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  // A command that refuses early does not read its input to the end.
  child.stdin.on('error', () => undefined);
  if (stdinFile === null) child.stdin.end();
  else createReadStream(stdinFile).pipe(child.stdin);
  let rssMb = 0;
  const ended = once(child, 'close');
  while (child.exitCode === null && child.signalCode === null) {
    rssMb = Math.max(rssMb, await readTreePeakMb(child.pid ?? 0));
    await Promise.race([ended, delay(4)]);
  }
  await ended;
  const seconds = (performance.now() - begun) / 1000;
  return { seconds, rssMb, exitCode: child.exitCode, said: said.trim().slice(0, 160) };
}
