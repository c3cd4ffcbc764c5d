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
 * Starts a shell in a box, with the name `sshd` and as root, so that the appliance's service takes it for the
 * sshd process of a connection. It can request and use any ticket. `client` is the client program.
 */
export async function startFakeSshd(
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
  /** Runs a command and returns the first line of `file`, into which the command writes. */
  const run = async (command: string, file: string): Promise<string> => {
    stdin.write(`rm -f ${file}; ${command}; echo "$(head -n 1 ${file})"\n`);
    return (await lines.next()).value ?? '';
  };
  return {
    /** Returns the authorized_keys line that sshd would get for a key. Empty for an unknown key. */
    lookUp: (keyBlob: string): Promise<string> =>
      run(
        `${asUser('sallyport')} ${client} lookup ${lookUps} /dev/null ${keyBlob} >${place}/line`,
        `${place}/line`,
      ),
    /**
     * Starts the forced command of a session. Returns the service's first message to it, which is empty if
     * the service refuses.
     */
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
