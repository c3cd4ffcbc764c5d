import type { Duplex, Readable, Writable } from 'node:stream';
import type { ErrorData } from '../../src-shared/errors.ts';
import type { SshTarget } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { HostKey } from '../../src-shared/model/appliance/hostKey.ts';
import type { AuthenticationStep, LinkAlgorithms, LinkState } from '../../src-shared/model/appliance/link.ts';

/** `user@host:port`, the displayed and recorded name of a hop. */
export type HopName = string;

/**
 * Decides whether an offered host key is trusted. Called once per hop, before anything is sent after the key exchange.
 * Rejects with HOST_KEY_UNKNOWN or HOST_KEY_CHANGED (detail: hop, offered, pinned), which ends the attempt.
 */
export type VerifyHostKey = (
  hop: { name: HopName; host: string; port: number },
  offered: HostKey,
) => Promise<void>;

/** Secrets exist only in memory; `null` means that the question was not answered. */
export type AskSecret = (question: {
  hop: HopName;
  kind: 'key-passphrase' | 'password' | 'keyboard-interactive' | 'sudo-password';
  title: string;
  fields: { label: string; echo: boolean }[];
  /** True if the last answer was refused: ask again, don't reuse it. */
  refused: boolean;
}) => Promise<string[] | null>;

export type ConnectRequest = {
  target: SshTarget;
  jumps: readonly SshTarget[];
  verifyHostKey: VerifyHostKey;
  askSecret: AskSecret;
  onStep: (step: AuthenticationStep) => void;
  /** Called when the attempt reaches the next hop. */
  onHop?: (hop: HopName) => void;
  /** Types of the pinned keys of a hop. A server with several host keys is then asked for the known one. */
  pinnedTypes?: (hop: { host: string; port: number }) => readonly string[];
  /** Allows SHA-1, and RSA host keys from 1024 bits, on every hop. */
  legacyAlgorithms?: boolean;
  signal: AbortSignal;
};

/**
 * A running remote command. `exited` resolves when the channel is closed on both sides; it never rejects. `kill` closes
 * our side, which ends commands that read or write. sshd lets a silent command run on, and `exited` waits for it.
 */
export type RemoteProcess = {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  exited: Promise<{ exitCode: number | null; signal: string | null }>;
  kill: () => void;
};

/** Why sshd opened no TCP connection: it is prohibited, or the connection itself failed. */
export type ForwardRefusal = 'prohibited' | 'connect-failed' | 'other';

/**
 * The parts of SFTP that the console needs. All except `close` reject with UPLOAD_FAILED and the appliance's message.
 */
export type RemoteFiles = {
  /** The absolute path; `.` is the login user's home. */
  realPath: (path: string) => Promise<string>;
  /** Creates a new file with mode 0600 and writes it. If writing fails, the file remains. */
  create: (path: string, content: Buffer) => Promise<void>;
  /** Also resolves if there is no such file. */
  remove: (path: string) => Promise<void>;
  close: () => void;
  closed: Promise<void>;
};

/** An authenticated connection through all hops. Closing it closes every hop. */
export type SshConnection = {
  serverSoftware: string;
  algorithms: LinkAlgorithms;
  /** Starts a command line that is already quoted (`quoteArgv`). */
  exec: (commandLine: string) => Promise<RemoteProcess>;
  /** Opens TCP from the appliance's side (direct-tcpip). CONNECT_FAILED carries `detail.refusal`, a ForwardRefusal. */
  forwardOut: (host: string, port: number) => Promise<Duplex>;
  /** Opens a channel for SFTP. */
  openFiles: () => Promise<RemoteFiles>;
  /** One round trip, milliseconds. Rejects if the server does not answer within `timeoutMs`. */
  ping: (timeoutMs: number) => Promise<number>;
  /** Ends the connection; `closed` then resolves with `reason`, or CANCELLED. */
  close: (reason?: ErrorData) => void;
  /** Resolves once, with the error that ended the connection. */
  closed: Promise<ErrorData>;
};

/**
 * The interface between the console and an SSH implementation; ssh2 is the first driver. Rejects with AppError only.
 */
export type SshTransport = { connect: (request: ConnectRequest) => Promise<SshConnection> };

export type RunResult = { exitCode: number | null; signal: string | null; stdout: string; stderr: string };

/**
 * The only session of an appliance. Its channels are limited and queued. All methods except `state`, `steps` and
 * `onChange` reject with LINK_NOT_READY while not connected, and with LINK_LOST if the link is lost before the answer.
 */
export type Session = {
  state: () => LinkState;
  steps: () => readonly AuthenticationStep[];
  onChange: (listener: (state: LinkState) => void) => () => void;
  /** Brings the link up and keeps it up. Leaves `stopped` and `waiting-host-key` only with `force`. */
  want: (options?: { force?: boolean }) => void;
  /** Ends the link until it is wanted again; forgets secrets. */
  release: () => void;
  /**
   * Resolves when connected. Rejects with the reason once stopped or when a host key needs confirmation, with
   * LINK_NOT_READY if not wanted, or CONNECT_TIMEOUT (detail.last: why the last attempt failed).
   */
  ready: (timeoutMs: number) => Promise<void>;
  /**
   * Runs a command to its end. Rejects with COMMAND_TIMEOUT, OUTPUT_TOO_LARGE (over `maxBytes`, or too many pieces),
   * SUDO_REFUSED.
   */
  run: (command: {
    argv: readonly string[];
    privileged: boolean;
    stdin?: string | Buffer;
    timeoutMs?: number;
    maxBytes?: number;
  }) => Promise<RunResult>;
  /** Starts a command that keeps running, e.g. a tail; the caller reads it and must stop it. */
  stream: (command: { argv: readonly string[]; privileged: boolean }) => Promise<RemoteProcess>;
  forwardOut: (host: string, port: number) => Promise<Duplex>;
  /**
   * Opens SFTP for `work` and closes it afterwards. One at a time per session, so that its holder always finds a
   * channel for a command. Rejects with UPLOAD_FAILED, also if the appliance does not answer in time.
   */
  files: <Result>(work: (files: Omit<RemoteFiles, 'close' | 'closed'>) => Promise<Result>) => Promise<Result>;
};
