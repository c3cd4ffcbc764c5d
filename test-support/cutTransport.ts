import { createSsh2Transport } from '../src-main/ssh/transport/ssh2Transport.ts';
import type { SshTransport } from '../src-main/ssh/types.ts';

/** Moments of a change at which a test interferes with the real connection. Each callback runs once. */
export type Moments = {
  beforeFile?: (path: string) => Promise<void>;
  afterFile?: (path: string) => Promise<void>;
  beforeCommand?: (commandLine: string) => Promise<void>;
  /** sshd has started the command, and none of its output was read. */
  afterCommand?: (commandLine: string) => Promise<void>;
  /** Before the console checks whether a command still runs. */
  beforeLook?: (commandLine: string) => Promise<void>;
};

const isChange = (commandLine: string) =>
  /ke_manage_remote_networks (?:add|change|remove|release) /u.test(commandLine);

/** The real SSH transport, paused at chosen moments in which the test acts, e.g. kills sshd. */
export function createCutTransport(): SshTransport & { moments: Moments } {
  const real = createSsh2Transport({ agentPath: null });
  const moments: Moments = {};
  const take = async (name: keyof Moments, about: string): Promise<void> => {
    const act = moments[name];
    delete moments[name];
    await act?.(about);
  };
  return {
    moments,
    connect: async (request) => {
      const connection = await real.connect(request);
      return {
        ...connection,
        exec: async (commandLine) => {
          if (commandLine.startsWith('pgrep ')) await take('beforeLook', commandLine);
          if (!isChange(commandLine)) return connection.exec(commandLine);
          await take('beforeCommand', commandLine);
          const process = await connection.exec(commandLine);
          await take('afterCommand', commandLine);
          return process;
        },
        openFiles: async () => {
          const files = await connection.openFiles();
          return {
            ...files,
            create: async (path, content) => {
              await take('beforeFile', path);
              await files.create(path, content);
              await take('afterFile', path);
            },
          };
        },
      };
    },
  };
}
