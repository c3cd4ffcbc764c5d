import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { cliProgram } from './cliProgram.ts';
import { runSallyport } from './runSallyport.ts';
import { waitFor } from './waitFor.ts';

const countSchema = z.object({ count: z.int() });
/** A line of `syslog keep --json` about what it does now. */
const stateSchema = z.object({ phase: z.string(), isFilling: z.boolean() });

/** An appliance or plain server, as an administrator enters it in the console. */
export type EnteredServer = {
  host: string;
  port: number;
  user: string;
  keyFile: string;
  sudo: 'none' | 'nopasswd';
  hostKey: string;
};

/** `syslog keep` on `data`, as an operator leaves it running. It can be killed and started again. */
export function createStandingConsole(data: string) {
  let child: ChildProcess | null = null;
  /** Whether it has read all that was written before, by its last line. */
  let isCaughtUp = false;
  const sallyport = async (...argv: string[]): Promise<string> => {
    const { code, out, err } = await runSallyport(['--data', data, ...argv]);
    if (code !== 0) throw new Error(`sallyport ${argv.join(' ')}: ${err}${out}`);
    return out;
  };
  const countKept = async (query: string): Promise<number> =>
    countSchema.parse(
      JSON.parse(await sallyport('--json', 'syslog', 'search', query, '--count', '--offline')),
    ).count;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === null) return;
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
    child = null;
  };
  return {
    sallyport,
    /** Enters the server as `kiln`. */
    enter: async ({ host, port, user, keyFile, sudo, hostKey }: EnteredServer): Promise<void> => {
      const login = ['--identity', keyFile, '--sudo', sudo, '--host-key', hostKey];
      await sallyport('appliance', 'add', 'kiln', `${user}@${host}:${port}`, ...login);
    },
    start: async (): Promise<void> => {
      const argv = ['--data', data, '--json', 'syslog', 'keep'];
      child = spawn(process.execPath, [cliProgram, ...argv], { stdio: ['pipe', 'pipe', 'inherit'] });
      isCaughtUp = false;
      const { stdout } = child;
      if (stdout === null) return;
      createInterface({ input: stdout }).on('line', (line) => {
        const state = stateSchema.safeParse(JSON.parse(line));
        if (state.success) isCaughtUp = state.data.phase === 'following' && !state.data.isFilling;
      });
      await once(stdout, 'data');
    },
    /** Ends the console without a chance to finish anything. Its log store's process ends by itself. */
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    countKept,
    untilMoreKept: (before: number): Promise<void> =>
      waitFor(
        `more than ${before} lines are kept`,
        async () => (await countKept('program:counter')) > before,
      ),
    /** Waits until what `query` finds is kept, and all that was written before: the newest lines are kept first. */
    untilKept: async (query: string): Promise<void> => {
      await waitFor(`${query} is kept`, async () => (await countKept(query)) > 0);
      await waitFor('all lines before are kept', () => Promise.resolve(isCaughtUp));
    },
    /** The text of all kept lines, after the newest ones were read. */
    exportText: async (folder: string): Promise<string> => {
      await sallyport('syslog', 'export', 'kiln', '--format', 'text', '--out', folder);
      return readFile(join(folder, 'lines.log'), 'utf8');
    },
  };
}

export type StandingConsole = ReturnType<typeof createStandingConsole>;
