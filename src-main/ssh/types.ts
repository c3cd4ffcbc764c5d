import type { Duplex, Readable, Writable } from 'node:stream';
import type { ErrorData } from '../../src-shared/errors.ts';
import type { SshTarget } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { HostKey } from '../../src-shared/model/appliance/hostKey.ts';
import type { AuthenticationStep, LinkAlgorithms, LinkState } from '../../src-shared/model/appliance/link.ts';

/** `user@host:port`, which identifies a hop in texts and records. */
export type HopName = string;

/**
 * Decides whether the host key of a hop is trusted. Called once per hop, before the login. Rejects with
 * HOST_KEY_UNKNOWN or HOST_KEY_CHANGED (detail: hop, offered, pinned), which ends the attempt.
 */
export type VerifyHostKey = (
  hop: { name: HopName; host: string; port: number },
  offered: HostKey,
) => Promise<void>;

/**
 * Asks the user for secrets. Resolves with null if the user does not answer. Secrets exist only in memory.
 */
export type AskSecret = (question: {
  hop: HopName;
  kind: 'key-passphrase' | 'password' | 'keyboard-interactive' | 'sudo-password';
  title: string;
  fields: { label: string; echo: boolean }[];
  /** True if the server has refused the last answer, so a remembered answer must not be used. */
  refused: boolean;
}) => Promise<string[] | null>;

/** Answers that need no user, because a credential has them. They are read at each use and never remembered. */
export type StoredSecrets = {
  /** Whether `find` answers without the user. */
  isReady: (question: Parameters<AskSecret>[0]) => boolean;
  /**
   * Resolves with the answers, or with null if no credential answers this question. Waits until the vault is unlocked.
   * Rejects with VAULT_LOCKED if the user does not unlock it.
   */
  find: AskSecret;
};

export type ConnectRequest = {
  target: SshTarget;
  jumps: readonly SshTarget[];
  verifyHostKey: VerifyHostKey;
  askSecret: AskSecret;
  onStep: (step: AuthenticationStep) => void;
  /** Called before each hop is connected. */
  onHop?: (hop: HopName) => void;
  /**
   * The types of the pinned host keys of a hop, so that a server with several keys is asked for a pinned one.
   */
  pinnedTypes?: (hop: { host: string; port: number }) => readonly string[];
  /** Allows SHA-1, and RSA host keys of at least 1024 bits, on every hop. */
  legacyAlgorithms?: boolean;
  /**
   * The hops whose last attempt ended as if the account was refused, but without the server's word. The caller
   * keeps it for its next attempt; a second end of this kind in a row rejects with AUTHENTICATION_FAILED.
   */
  unclearEnds?: Set<HopName>;
  signal: AbortSignal;
};

/**
 * A running remote command. `exited` resolves when both sides have closed the channel, and never rejects.
 * `kill` closes only our side. The command then ends when it next reads or writes.
 */
export type RemoteProcess = {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  exited: Promise<{ exitCode: number | null; signal: string | null }>;
  kill: () => void;
};

/** A free port of the appliance's loopback whose connections come to this computer. */
export type RemoteForward = {
  port: number;
  /**
   * Ends it. Resolves once sshd has confirmed that, or has ended it together with the connection. Connections that are
   * open already stay. Never rejects.
   */
  close: () => Promise<'confirmed' | 'connection-ended'>;
};

/** Why sshd opened no TCP connection: it is prohibited, or connecting failed. */
export type ForwardRefusal = 'prohibited' | 'connect-failed' | 'other';

/**
 * The SFTP operations that the console uses. All except `close` reject with UPLOAD_FAILED and the appliance's
 * message.
 */
export type RemoteFiles = {
  /** Resolves with the absolute path. `.` is the home folder of the login user. */
  realPath: (path: string) => Promise<string>;
  /** Creates a file with mode 0600 and writes it. If writing fails, the file is not deleted. */
  create: (path: string, content: Buffer) => Promise<void>;
  /** Deletes a file. Also resolves if it does not exist. */
  remove: (path: string) => Promise<void>;
  close: () => void;
  closed: Promise<void>;
};

/** Called after each refusal of a channel. If it returns true, the channel is not asked for again. */
type OnRefused = () => boolean;

/** A connection through all hops after the login. Closing it closes every hop. */
export type SshConnection = {
  serverSoftware: string;
  algorithms: LinkAlgorithms;
  /** This computer's port of the TCP connection to the first hop. */
  localPort?: number | undefined;
  /**
   * Starts a command line, which must be quoted by `quoteArgv`. If the server refuses the channel, asks again for
   * some time.
   */
  exec: (commandLine: string, onRefused?: OnRefused) => Promise<RemoteProcess>;
  /**
   * Opens a TCP connection from the appliance to `host` and `port` (direct-tcpip). The detail `refusal` of
   * CONNECT_FAILED is a ForwardRefusal.
   */
  forwardOut: (host: string, port: number) => Promise<Duplex>;
  /**
   * Lets the appliance's sshd listen on a free port of its loopback, and takes each connection to it (tcpip-forward).
   * Rejects with FORWARD_REFUSED or LINK_LOST.
   */
  forwardIn: (take: (channel: Duplex) => void) => Promise<RemoteForward>;
  /** Opens a channel for SFTP. */
  openFiles: (onRefused?: OnRefused) => Promise<RemoteFiles>;
  /** Measures a round trip in milliseconds. Rejects if the server does not answer within `timeoutMs`. */
  ping: (timeoutMs: number) => Promise<number>;
  /** Ends the connection. `closed` then resolves with `reason`, or with CANCELLED. */
  close: (reason?: ErrorData) => void;
  /** Resolves once, with the error that ended the connection. */
  closed: Promise<ErrorData>;
};

/**
 * The interface between the console and an SSH implementation. ssh2 is the first one. Rejects with AppError
 * only.
 */
export type SshTransport = { connect: (request: ConnectRequest) => Promise<SshConnection> };

export type RunResult = {
  exitCode: number | null;
  signal: string | null;
  /** Decoded when it is first read, because that takes long for a long output. */
  readonly stdout: string;
  /** The bytes of a long stdout in shared memory, so that another thread can decode them without a copy. */
  readonly stdoutBytes?: Uint8Array;
  readonly stderr: string;
};

/**
 * The session of an appliance. Commands may wait for a free channel. All methods except `state`, `steps` and
 * `onChange` reject with LINK_NOT_READY while not connected, and with LINK_LOST if the link is lost.
 */
export type Session = {
  state: () => LinkState;
  steps: () => readonly AuthenticationStep[];
  onChange: (listener: (state: LinkState) => void) => () => void;
  /**
   * Connects and stays connected. In the states `stopped` and `waiting-host-key`, only `force` connects
   * again.
   */
  want: (options?: { force?: boolean }) => void;
  /** Disconnects until the next `want`, and forgets all secrets. */
  release: () => void;
  /**
   * Resolves when connected. Rejects with the reason if the link stops or needs a host key, with
   * LINK_NOT_READY if not wanted, or with CONNECT_TIMEOUT (detail.last: why the last attempt failed).
   */
  ready: (timeoutMs: number) => Promise<void>;
  /**
   * Runs a command until it ends. What start-up files of the login shell print in front of the output is removed
   * and kept in the state. Rejects with COMMAND_FAILED if one of them ends the shell, with COMMAND_TIMEOUT, SUDO_REFUSED, or OUTPUT_TOO_LARGE if the
   * output has more than `maxBytes` or too many chunks.
   */
  run: (command: {
    argv: readonly string[];
    privileged: boolean;
    stdin?: string | Buffer;
    timeoutMs?: number;
    maxBytes?: number;
  }) => Promise<RunResult>;
  /** Starts a command that runs on, e.g. a tail. The caller must read its output and stop it. */
  stream: (command: { argv: readonly string[]; privileged: boolean }) => Promise<RemoteProcess>;
  forwardOut: (host: string, port: number) => Promise<Duplex>;
  forwardIn: SshConnection['forwardIn'];
  /**
   * Opens SFTP, runs `work` and closes SFTP. Only one at a time per session, so that `work` always finds a
   * channel for a command. Rejects with UPLOAD_FAILED, also if the appliance does not answer in time.
   */
  files: <Result>(work: (files: Omit<RemoteFiles, 'close' | 'closed'>) => Promise<Result>) => Promise<Result>;
};
