import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitFor } from './waitFor.ts';
import { systemErrorCode } from '../src-shared/node/systemErrorCode.ts';

const run = promisify(execFile);

/** Debian's ssh-agent in `folder`, without keys. */
export async function startSshAgent(folder: string) {
  const socket = join(folder, 'agent.sock');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  const ended = once(agent, 'exit');
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  // Exit code 1 means that it has no keys; 2 means no answer.
  await waitFor('the agent answers', () =>
    run('ssh-add', ['-l'], { env })
      .catch((error: unknown) => error)
      .then((result) => systemErrorCode(result) === 1),
  );
  return {
    env,
    socket,
    /** Adds the unencrypted key in `file`. */
    add: (file: string) => run('ssh-add', ['-q', file], { env }),
    empty: () => run('ssh-add', ['-q', '-D'], { env }),
    stop: async () => {
      agent.kill('SIGTERM');
      await ended;
    },
  };
}
