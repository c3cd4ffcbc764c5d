import type { ClientChannel } from 'ssh2';
import type { RemoteProcess } from '../types.ts';

/** Wraps an ssh2 session channel. The caller must read both streams, because a full one stops the command. */
export function remoteProcess(channel: ClientChannel): RemoteProcess {
  const ended: { exitCode: number | null; signal: string | null } = { exitCode: null, signal: null };
  let killed = false;
  const exited = Promise.withResolvers<typeof ended>();
  channel.on('exit', (code: number | null, signal?: string) => {
    ended.exitCode = code;
    ended.signal = signal ?? null;
  });
  channel.on('close', () => exited.resolve(ended));
  // If a command ends without reading its stdin, that is no error.
  channel.on('error', () => undefined);
  return {
    stdin: channel.stdin,
    stdout: channel.stdout,
    stderr: channel.stderr,
    exited: exited.promise,
    kill() {
      if (killed) return;
      killed = true;
      // No signal before: ssh2 sends none once stdin is closed, and sshd refuses signals for root.
      channel.close();
      // Later output is dropped, so that the channel can close without a reader.
      channel.stdout.resume();
      channel.stderr.resume();
    },
  };
}
