import { createSsh2Transport } from '../src-main/ssh/transport/ssh2Transport.ts';
import type { SshTransport } from '../src-main/ssh/types.ts';

/** Moments of a change at which a test does something to the real connection. Each is called once and then forgotten. */
export type Moments = {
  beforeFile?: (path: string) => Promise<void>;
  afterFile?: (path: string) => Promise<void>;
  beforeCommand?: (commandLine: string) => Promise<void>;
  /** sshd has started it; nothing of its output was read. */
  afterCommand?: (commandLine: string) => Promise<void>;
  /** Before the console looks whether a command still runs. */
  beforeLook?: (commandLine: string) => Promise<void>;
};

const isChange = (commandLine: string) =>
  /ke_manage_remote_networks (?:add|change|remove|release) /u.test(commandLine);

/** The real SSH transport, halted at chosen moments; what happens then is up to the test, e.g. killing sshd. */
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
