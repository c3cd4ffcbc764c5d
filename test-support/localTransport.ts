import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { AppError, type ErrorData } from '../src-shared/errors.ts';
import { signalUnlessEnded } from '../src-shared/node/signalUnlessEnded.ts';
import { createHandshakes } from '../src-main/ssh/session/handshakes.ts';
import { createSession } from '../src-main/ssh/session/session.ts';
import type {
  ConnectRequest,
  RemoteProcess,
  Session,
  SshConnection,
  SshTransport,
} from '../src-main/ssh/types.ts';

/** A connection of `createLocalTransport`, with faults that a test can cause. */
export type LocalConnection = SshConnection & {
  /** Ends the connection as a network failure does. */
  cut: () => void;
  /** Makes all later pings fail, as if they were not answered. */
  stopAnsweringPings: () => void;
  pings: () => number;
};

/** Runs a command line in this machine's shell, as sshd does, behind the shell's start-up file. */
function runInShell(commandLine: string, environment: NodeJS.ProcessEnv, startup: string): RemoteProcess {
  const child = spawn('/bin/sh', ['-c', `${startup}\n${commandLine}`], { env: environment, detached: true });
  const exited = Promise.withResolvers<{ exitCode: number | null; signal: string | null }>();
  child.once('close', (exitCode, signal) => exited.resolve({ exitCode, signal }));
  child.stdin.on('error', () => undefined);
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited: exited.promise,
    kill() {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        signalUnlessEnded(-child.pid, 'SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

/**
 * Replaces the network in tests of a session: commands run as real processes on this machine. `connect` is
 * called for each attempt to connect; the attempt fails if it throws.
 */
export function createLocalTransport(
  options: {
    connect?: (request: ConnectRequest, attempt: number) => void | Promise<void>;
    environment?: NodeJS.ProcessEnv;
    /** The text of the start-up file that the shell reads for each command. */
    startup?: () => string;
  } = {},
): SshTransport & { connections: LocalConnection[]; attempts: () => number } {
  const connections: LocalConnection[] = [];
  let attempts = 0;
  return {
    connections,
    attempts: () => attempts,
    async connect(request) {
      attempts += 1;
      await options.connect?.(request, attempts);
      const closed = Promise.withResolvers<ErrorData>();
      const running = new Set<RemoteProcess>();
      let isSilent = false;
      let pings = 0;
      const end = (error: ErrorData) => {
        for (const process of running) process.kill();
        closed.resolve(error);
      };
      const connection: LocalConnection = {
        serverSoftware: 'Local_1',
        algorithms: { kex: 'none', hostKey: 'none', cipher: 'none', mac: 'm', weak: [] },
        exec(commandLine) {
          const process = runInShell(
            commandLine,
            options.environment ?? globalThis.process.env,
            options.startup?.() ?? '',
          );
          running.add(process);
          return Promise.resolve(process);
        },
        forwardOut: () => Promise.resolve(new Duplex({ read() {}, write: (_c, _e, done) => done() })),
        forwardIn: () => Promise.reject(new AppError('FORWARD_REFUSED', 'There are no forwards here.')),
        openFiles: () => Promise.reject(new AppError('UPLOAD_FAILED', 'There is no SFTP here.')),
        ping() {
          pings += 1;
          return isSilent
            ? Promise.reject(new AppError('LINK_LOST', 'No answer in time.'))
            : Promise.resolve(1);
        },
        close: (reason) => end(reason ?? new AppError('CANCELLED', 'closed here').toData()),
        closed: closed.promise,
        cut: () => end(new AppError('LINK_LOST', 'The link was lost: cut.').toData()),
        stopAnsweringPings: () => {
          isSilent = true;
        },
        pings: () => pings,
      };
      connections.push(connection);
      return connection;
    },
  };
}

/** Returns a connected session over a local transport. The caller releases it. */
export async function localSession(transport: SshTransport): Promise<Session> {
  const session = createSession({
    transport,
    target: {
      host: 'appliance.test',
      port: 22,
      user: 'root',
      authentication: { agent: false, keyFile: null, password: true, keyboardInteractive: false },
    },
    jumps: [],
    sudo: 'none',
    verifyHostKey: () => Promise.resolve(),
    askSecret: () => Promise.resolve(null),
    handshakes: createHandshakes(),
  });
  session.want();
  await session.ready(60_000);
  return session;
}
