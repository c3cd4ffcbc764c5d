import type { ClientChannel } from 'ssh2';
import type { RemoteProcess } from '../types.ts';

/**
 * Wraps a channel of ssh2 as a process. The caller must read both streams, because the command stops when one
 * is full.
 */
export function remoteProcess(channel: ClientChannel): RemoteProcess {
  const ended: { exitCode: number | null; signal: string | null } = { exitCode: null, signal: null };
  let killed = false;
  const exited = Promise.withResolvers<typeof ended>();
  channel.on('exit', (code: number | null, signal?: string) => {
    ended.exitCode = code;
    ended.signal = signal ?? null;
  });
  channel.on('close', () => exited.resolve(ended));
  // Not an error: the command ended without reading all of its stdin.
  channel.on('error', () => undefined);
  return {
    stdin: channel.stdin,
    stdout: channel.stdout,
    stderr: channel.stderr,
    exited: exited.promise,
    kill() {
      if (killed) return;
      killed = true;
      // Send no signal: ssh2 can't send one after stdin is closed, and sshd refuses signals for root.
      channel.close();
      // Discard further output, because the channel can't close while output is not read.
      channel.stdout.resume();
      channel.stderr.resume();
    },
  };
}
