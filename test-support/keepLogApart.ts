import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { descendantsOf, readCommandLine } from './processTree.ts';

const urlOf = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
const applianceId = '9b2f1a38-6f4e-4f0e-9c39-0d6a8d7a7d10';

/** A console that keeps the log at `log` in `data`, and ends once all is kept and its input ends. */
const programOf = (log: string, data: string) => `
  import { createKeptLogs } from ${urlOf('../src-main/syslog/kept/keptLogs.ts')};
  import { createLogEngineClient } from ${urlOf('../src-main/syslog/store/process/engineClient.ts')};
  import { forkEngine } from ${urlOf('../src-main/syslog/store/process/forkEngine.ts')};
  import { startScript } from ${urlOf('followedFolder.ts')};
  const nothing = () => () => undefined;
  const logs = createKeptLogs({
    source: {
      hold: nothing,
      startScript: async (_id, words) => startScript(['/bin/dash'], ['lax', ${JSON.stringify(log)}, ...words]),
      onLinkUp: nothing,
      onRemoved: nothing,
    },
    startEngine: () => createLogEngineClient({ start: () => forkEngine(${JSON.stringify(data)}) }),
    onCloseFailed: (thrown) => { throw thrown; },
    clock: Date.now,
  });
  const caughtUp = Promise.withResolvers();
  logs.onEvent((_id, event) => {
    if (event.kind === 'problem' && event.problem !== null) throw event.problem;
    if (event.kind !== 'state') return;
    if (event.state.trouble !== null) throw new Error(event.state.trouble);
    if (event.state.phase === 'following' && !event.state.isFilling) caughtUp.resolve();
  });
  logs.keep(${JSON.stringify(applianceId)});
  await caughtUp.promise;
  console.log('kept');
  process.stdin.once('end', () => void logs.close()).resume();
`;

const peakMbOf = (pid: number | string): number =>
  Number(/^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** The most memory that the process of a log store needed which process \`pid\` started, in megabytes. */
export async function peakMbOfEngine(pid: number): Promise<number> {
  const children = await descendantsOf(pid);
  const lines = await Promise.all(children.map(readCommandLine));
  const engine = children.find((_, index) => lines[index]?.includes('engineProcess'));
  if (engine === undefined) throw new Error('there is no process of a log store');
  return peakMbOf(engine);
}

/**
 * Keeps all of a log in a console of its own, with the real script and log store. Returns the most memory that both
 * processes needed, in megabytes.
 */
export async function keepLogApart({ folder, log, data }: { folder: string; log: string; data: string }) {
  const program = join(folder, 'console.mjs');
  await writeFile(program, programOf(log, data));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const isKept = once(createInterface({ input: child.stdout }), 'line').then(() => true);
  if (!(await Promise.race([isKept, ended.then(() => false)]))) throw new Error('the console ended early');
  const { pid = 0 } = child;
  const peaks = { consoleMb: peakMbOf(pid), engineMb: await peakMbOfEngine(pid) };
  child.stdin.end();
  await ended;
  return { applianceId, ...peaks };
}
