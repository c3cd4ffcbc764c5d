import type { ClientChannel } from 'ssh2';
import type { RemoteProcess } from '../types.ts';

/** Wraps an ssh2 session channel. The reader must take both streams: a full one stops the command. */
export function remoteProcess(channel: ClientChannel): RemoteProcess {
  const ended: { exitCode: number | null; signal: string | null } = { exitCode: null, signal: null };
  let killed = false;
  const exited = Promise.withResolvers<typeof ended>();
  channel.on('exit', (code: number | null, signal?: string) => {
    ended.exitCode = code;
    ended.signal = signal ?? null;
  });
  channel.on('close', () => exited.resolve(ended));
  // A command that ends without reading its stdin is no error of ours.
  channel.on('error', () => undefined);
  return {
    stdin: channel.stdin,
    stdout: channel.stdout,
    stderr: channel.stderr,
    exited: exited.promise,
    kill() {
      if (killed) return;
      killed = true;
      // No signal before: ssh2 sends none once stdin is closed, and sshd refuses it for root.
      channel.close();
      // What still comes is dropped, so that nothing waits for a reader and the channel can close.
      channel.stdout.resume();
      channel.stderr.resume();
    },
  };
}
