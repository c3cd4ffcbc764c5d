import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { AppError, type ErrorData } from '../src-shared/errors.ts';
import { createHandshakes } from '../src-main/ssh/session/handshakes.ts';
import { createSession } from '../src-main/ssh/session/session.ts';
import type {
  ConnectRequest,
  RemoteProcess,
  Session,
  SshConnection,
  SshTransport,
} from '../src-main/ssh/types.ts';

/** A connection of the transport below, with the faults that a test can cause. */
export type LocalConnection = SshConnection & {
  /** Cuts it like a network failure. */
  cut: () => void;
  /** From now on pings are not answered and time out. */
  silence: () => void;
  pings: () => number;
};

/** Runs a command line in this machine's own shell, like sshd. */
function runInShell(commandLine: string, environment: NodeJS.ProcessEnv): RemoteProcess {
  const child = spawn('/bin/sh', ['-c', commandLine], { env: environment, detached: true });
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
        process.kill(-child.pid, 'SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

/**
 * Replaces the network: the session above it is real, and commands are real processes. `connect` decides the result of
 * each attempt: it returns if the login succeeded and throws otherwise.
 */
export function createLocalTransport(
  options: {
    connect?: (request: ConnectRequest, attempt: number) => void | Promise<void>;
    environment?: NodeJS.ProcessEnv;
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
          const process = runInShell(commandLine, options.environment ?? globalThis.process.env);
          running.add(process);
          return Promise.resolve(process);
        },
        forwardOut: () => Promise.resolve(new Duplex({ read() {}, write: (_c, _e, done) => done() })),
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
        silence: () => {
          isSilent = true;
        },
        pings: () => pings,
      };
      connections.push(connection);
      return connection;
    },
  };
}

/** A session over that transport, ready for commands. The caller releases it. */
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
