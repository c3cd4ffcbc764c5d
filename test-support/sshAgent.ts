import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitFor } from './waitFor.ts';
import { systemErrorCode } from '../src-shared/node/systemErrorCode.ts';

const run = promisify(execFile);

/** Starts Debian's ssh-agent in `folder`, without keys. */
export async function startSshAgent(folder: string) {
  const socket = join(folder, 'agent.sock');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  const ended = once(agent, 'exit');
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  // ssh-add exits with 1 if the agent has no keys, and with 2 if the agent does not answer.
  await waitFor('the agent answers', () =>
    run('ssh-add', ['-l'], { env })
      .catch((error: unknown) => error)
      .then((result) => systemErrorCode(result) === 1),
  );
  return {
    env,
    socket,
    /** Adds the key in `file`, which must not be encrypted. */
    add: (file: string) => run('ssh-add', ['-q', file], { env }),
    empty: () => run('ssh-add', ['-q', '-D'], { env }),
    stop: async () => {
      agent.kill('SIGTERM');
      await ended;
    },
  };
}
