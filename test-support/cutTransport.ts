import { PassThrough } from 'node:stream';
import { createSsh2Transport } from '../src-main/ssh/transport/ssh2Transport.ts';
import type { SshTransport } from '../src-main/ssh/types.ts';

/**
 * Callbacks at points of a change, in which a test can cut the link or change the appliance. Each callback is
 * called once and then removed.
 */
export type CutPoints = {
  beforeFile?: (path: string) => Promise<void>;
  afterFile?: (path: string) => Promise<void>;
  beforeCommand?: (commandLine: string) => Promise<void>;
  /** Called after sshd has started the command and before its output is read. */
  afterCommand?: (commandLine: string) => Promise<void>;
  /** Called when a command has started whose output never arrives. It must cut the link. */
  loseOutput?: (commandLine: string) => Promise<void>;
  /** Called before the console checks whether a command still runs. */
  beforeRunningCheck?: (commandLine: string) => Promise<void>;
};

const isChange = (commandLine: string) =>
  /ke_manage_remote_networks (?:add|change|remove|release) |ke_manage_license_key import - --json/u.test(
    commandLine,
  );

/** Wraps the real SSH transport and calls `cutPoints` during a change, e.g. to kill sshd at that point. */
export function createCutTransport(): SshTransport & { cutPoints: CutPoints; clearCutPoints: () => void } {
  const real = createSsh2Transport({ agentPath: null });
  const cutPoints: CutPoints = {};
  const take = async (name: keyof CutPoints, about: string): Promise<void> => {
    const act = cutPoints[name];
    delete cutPoints[name];
    await act?.(about);
  };
  return {
    cutPoints,
    clearCutPoints: () => {
      for (const name of Object.keys(cutPoints)) Reflect.deleteProperty(cutPoints, name);
    },
    connect: async (request) => {
      const connection = await real.connect(request);
      return {
        ...connection,
        exec: async (commandLine) => {
          if (commandLine.includes(' pgrep ')) await take('beforeRunningCheck', commandLine);
          if (!isChange(commandLine)) return connection.exec(commandLine);
          await take('beforeCommand', commandLine);
          const process = await connection.exec(commandLine);
          if (cutPoints.loseOutput !== undefined) {
            void take('loseOutput', commandLine);
            return { ...process, stdout: new PassThrough() };
          }
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
