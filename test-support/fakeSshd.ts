import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { StockBox } from './stockBox.ts';

const asUser = (user: string) => `setpriv --reuid ${user} --regid ${user} --init-groups`;

const lookUps = '/run/sallyport/lookups/socket';
const channel = '/run/sallyport/channels/socket';

/**
 * A shell on a box that its service takes for sshd's monitor of a connection: it has that name and is root's. So a test
 * gets tickets and comes with any it likes, which the real sshd would not let it. `client` is how the client is started.
 */
export async function startMonitor(
  { folder, system }: Pick<StockBox, 'folder' | 'system'>,
  client = '/opt/sallyport/sallyport-client',
) {
  const place = join(folder, `monitor-${randomUUID().slice(0, 8)}`);
  const sshd = join(place, 'sshd');
  await mkdir(place);
  await chmod(place, 0o777);
  await copyFile('/bin/dash', sshd);
  const shell = system.start([sshd, '-s']);
  const { stdin, stdout } = shell;
  if (stdin === null || stdout === null) throw new Error('a box has no pipes');
  shell.stderr?.pipe(process.stderr);
  const ended = once(shell, 'close');
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  /** Runs a command and gives the first line of what it left in `file`. */
  const run = async (command: string, file: string): Promise<string> => {
    stdin.write(`rm -f ${file}; ${command}; echo "$(head -n 1 ${file})"\n`);
    return (await lines.next()).value ?? '';
  };
  return {
    /** The authorized_keys line of a key, as sshd gets it; empty for an unknown key. */
    lookUp: (keyBlob: string): Promise<string> =>
      run(
        `${asUser('sallyport')} ${client} lookup ${lookUps} /dev/null ${keyBlob} >${place}/line`,
        `${place}/line`,
      ),
    /** What the service says first to the forced command of a session; empty if it refuses. */
    openSession: (ticket: string): Promise<string> => {
      const out = `${place}/session`;
      const script = [
        `${client} session ${channel} ${ticket} </dev/null >${out} & pid=$!`,
        `while kill -0 $pid 2>/dev/null && ! [ -s ${out} ]; do sleep 0.02; done`,
        'kill $pid 2>/dev/null; exit 0',
      ].join('; ');
      return run(`${asUser('connect')} ${sshd} -c '${script}'`, out);
    },
    stop: async () => {
      stdin.end();
      await ended;
    },
  };
}

export function ticketOf(line: string): string {
  return / session \S+ ([0-9a-f]{32})"/u.exec(line)?.[1] ?? '';
}
