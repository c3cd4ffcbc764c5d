import { createSsh2Transport } from '../src-main/ssh/transport/ssh2Transport.ts';
import type { ConnectRequest, SshConnection } from '../src-main/ssh/types.ts';
import { AppError } from '../src-shared/errors.ts';
import type { Authentication, SshTarget } from '../src-shared/model/appliance/applianceEntry.ts';
import type { HostKey } from '../src-shared/model/appliance/hostKey.ts';
import type { AuthenticationStep } from '../src-shared/model/appliance/link.ts';
import type { PlainSshd } from './plainSshd.ts';

type AttemptOptions = {
  /** The pinned host keys by port. Other ports have no pinned key. If undefined, every key is accepted. */
  pinned?: Record<number, HostKey>;
  agentPath?: string | null;
  hopTimeoutMs?: number;
};
type AttemptRequest = Partial<ConnectRequest> & { target: SshTarget };

/** The login of root on a server of this machine. Only the methods in `authentication` are allowed. */
export function rootAt(port: number, authentication: Partial<Authentication>): SshTarget {
  return {
    host: '127.0.0.1',
    port,
    user: 'root',
    authentication: {
      agent: false,
      keyFile: null,
      password: false,
      keyboardInteractive: false,
      ...authentication,
    },
  };
}

export function hostKeyOf(sshd: PlainSshd): HostKey {
  return { type: 'ssh-ed25519', fingerprint: sshd.hostKeys[0]?.fingerprint ?? '' };
}

/**
 * Connects with the real SSH driver and records all steps. Questions are not answered, unless the request has
 * its own `askSecret`.
 */
function attempt(request: AttemptRequest, options: AttemptOptions) {
  const steps: AuthenticationStep[] = [];
  const offers: { hop: string; offered: HostKey }[] = [];
  const transport = createSsh2Transport({
    agentPath: options.agentPath ?? null,
    ...(options.hopTimeoutMs === undefined ? {} : { hopTimeoutMs: options.hopTimeoutMs }),
  });
  const connecting = transport.connect({
    jumps: [],
    verifyHostKey: ({ name, port }, offered) => {
      offers.push({ hop: name, offered });
      const pinned = options.pinned?.[port];
      if (options.pinned === undefined || pinned?.fingerprint === offered.fingerprint)
        return Promise.resolve();
      const code = pinned === undefined ? 'HOST_KEY_UNKNOWN' : 'HOST_KEY_CHANGED';
      const detail = { hop: name, offered, pinned: pinned ?? null };
      return Promise.reject(new AppError(code, 'host key', { detail }));
    },
    askSecret: () => Promise.resolve(null),
    onStep: (step) => steps.push(step),
    signal: new AbortController().signal,
    ...request,
  });
  return { connecting, steps, offers };
}

/** Connects; the login must succeed. The caller closes the connection. */
export async function connectOrThrow(request: AttemptRequest, options: AttemptOptions = {}) {
  const { connecting, ...shown } = attempt(request, options);
  return { connection: await connecting, ...shown };
}

/** Connects; the login must fail. Resolves with the AppError. */
export async function expectRefusal(request: AttemptRequest, options: AttemptOptions = {}) {
  const { connecting, ...shown } = attempt(request, options);
  try {
    (await connecting).close();
  } catch (error) {
    if (error instanceof AppError) return { error, ...shown };
    throw error;
  }
  throw new Error('the connection was made');
}

/** Runs a command line and resolves with its stdout. */
export async function readOutput(connection: SshConnection, line: string): Promise<string> {
  const process = await connection.exec(line);
  const chunks: Buffer[] = [];
  process.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  process.stderr.resume();
  await process.exited;
  return Buffer.concat(chunks).toString();
}
