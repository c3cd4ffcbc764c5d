import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Client, type NegotiatedAlgorithms } from 'ssh2';
import type { ErrorCode } from '../../../src-shared/errorCodes.ts';
import { AppError } from '../../../src-shared/errors.ts';
import type { SshTarget } from '../../../src-shared/model/appliance/applianceEntry.ts';
import type { LinkAlgorithms } from '../../../src-shared/model/appliance/link.ts';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { isPostQuantum } from '../../../src-shared/model/trust/linkSecurity.ts';
import { createAuthentication } from './authentication.ts';
import { algorithmLists, findWeakAlgorithms } from './algorithms.ts';
import { createAlgorithmsError } from './algorithmsRefused.ts';
import { createConnectError } from './connectError.ts';
import { createHopTimer } from './hopTimer.ts';
import { plainHost } from '../../../src-shared/model/appliance/address.ts';
import { hopNameOf } from './hopName.ts';
import { createHostKeyVerifier } from './hostKeyVerifier.ts';
import type { LoadKeyFile } from './keyFile.ts';
import { createOfferReader, type ServerOffer } from './serverOffer.ts';
import { createServerTexts, quoteServerText } from './serverTexts.ts';
import type { ConnectRequest } from '../types.ts';

/** A hop after the login. `closed` resolves once, with the error that ended the connection. */
export type ConnectedHop = {
  client: Client;
  serverSoftware: string;
  algorithms: LinkAlgorithms;
  /** This computer's port. Undefined for a hop behind another one. */
  localPort: number | undefined;
  close: () => void;
  closed: Promise<unknown>;
  isClosed: () => boolean;
};

/** The socket is destroyed after this time if the server does not close it. */
const goodbyeMs = 500;

function closePolitely(client: Client, socket: Duplex): void {
  client.end();
  setTimeout(() => socket.destroy(), goodbyeMs).unref();
}

/** Whether ssh2 reports this error but continues with the next key. */
function isNonFatal(error: unknown): boolean {
  return (
    error instanceof Error &&
    'level' in error &&
    (error.level === 'agent' || error.level === 'client-authentication')
  );
}

/**
 * Reads a private field of ssh2, because ssh2 has no public one for the server's name. Its `debug` option
 * would create a text for every packet.
 */
function readServerSoftware(client: Client): string {
  const software: unknown = Reflect.get(client, '_remoteVer');
  return typeof software === 'string' ? visibleText(software).slice(0, 256) : 'unknown';
}

/** How many names of a server's offer are kept. */
const maxOffered = 16;

function describeAlgorithms(
  negotiated: NegotiatedAlgorithms | null,
  hostKey: Buffer | null,
  offer: ServerOffer | null,
): LinkAlgorithms {
  if (negotiated === null || hostKey === null)
    return { kex: 'unknown', hostKey: 'unknown', cipher: 'unknown', mac: 'unknown', weak: [] };
  return {
    kex: negotiated.kex,
    hostKey: negotiated.serverHostKey,
    cipher: negotiated.cs.cipher,
    // GCM and poly1305 need no separate MAC.
    mac: negotiated.cs.mac === '' ? 'part of the cipher' : negotiated.cs.mac,
    weak: findWeakAlgorithms(negotiated, hostKey),
    ...(offer === null ? {} : { serverPostQuantum: offer.kex.filter(isPostQuantum).slice(0, maxOffered) }),
  };
}

function asAppError(hop: string, error: unknown): AppError {
  return error instanceof AppError
    ? error
    : new AppError('INTERNAL', `Connecting to ${hop} failed inside Sallyport.`, { cause: error });
}

function openSocket(target: SshTarget): Socket {
  const socket = new Socket();
  socket.setNoDelay(true);
  socket.connect({ host: plainHost(target.host), port: target.port });
  return socket;
}

/**
 * Connects to one hop, checks its host key and logs in. Uses `through`, a channel of the previous hop, or its
 * own socket. Rejects with AppError after everything is closed.
 */
export function connectHop(input: {
  target: SshTarget;
  through: Duplex | null;
  request: ConnectRequest;
  agentPath: string | null;
  loadKeyFile: LoadKeyFile;
  timeoutMs: number;
}): Promise<ConnectedHop> {
  const { target, request, timeoutMs } = input;
  const hop = hopNameOf(target);
  const address = { host: plainHost(target.host), port: target.port };
  const client = new Client();
  const socket = input.through ?? openSocket(target);
  const legacyAlgorithms = request.legacyAlgorithms ?? false;
  const offerReader = createOfferReader();
  const connection = Promise.withResolvers<ConnectedHop>();
  const closed = Promise.withResolvers<unknown>();
  let state: 'connecting' | 'connected' | 'failed' = 'connecting';
  let negotiated: NegotiatedAlgorithms | null = null;
  let lastError: unknown = null;
  let isClosed = false;
  /** Whether the attempt before ended as if the server refused the account, but without saying so. */
  const wasUnclear = request.unclearEnds?.delete(hop) ?? false;

  const hopError = (code: ErrorCode, message: string) => new AppError(code, message, { detail: { hop } });
  const timer = createHopTimer(timeoutMs, (limitMs) =>
    fail(hopError('CONNECT_TIMEOUT', `${hop} did not answer within ${limitMs / 1000} s.`)),
  );
  const serverTexts = createServerTexts((detail) =>
    request.onStep({ hop, method: 'message', outcome: 'received', detail, at: new Date().toISOString() }),
  );
  const authentication = createAuthentication({
    hop,
    target,
    agentPath: input.agentPath,
    loadKeyFile: input.loadKeyFile,
    askSecret: (question) => timer.whilePaused(() => request.askSecret(question)),
    onStep: request.onStep,
    serverTexts,
    fail,
  });
  const { verifyHostKey, verifiedKey } = createHostKeyVerifier({
    hop,
    legacyAlgorithms,
    verify: (offered) => timer.whilePaused(() => request.verifyHostKey({ name: hop, ...address }, offered)),
    fail,
  });

  /** Ends the attempt. Returns false if it had already ended. */
  function endAttempt(next: 'connected' | 'failed'): boolean {
    if (state !== 'connecting') return false;
    state = next;
    timer.stop();
    request.signal.removeEventListener('abort', abort);
    return true;
  }
  function fail(error: unknown): void {
    if (endAttempt('failed')) connection.reject(asAppError(hop, error));
    else {
      // After the login, this happens only if the server changes its host key at a later key exchange.
      lastError = error;
      onClose();
    }
    socket.destroy();
  }
  const abort = () => fail(hopError('CANCELLED', `Connecting to ${hop} was cancelled.`));
  function onClose(): void {
    if (isClosed) return;
    isClosed = true;
    const reason = serverTexts.disconnect()?.reason ?? null;
    closed.resolve(
      lastError ?? (reason === null ? null : new Error(`the server said ${quoteServerText(reason)}`)),
    );
    if (state === 'connecting') fail(createEndError(reason ?? undefined));
  }
  /** Whether the connection ended because the server refused the login, and not because of the network. */
  function isRefusal(): boolean {
    if (serverTexts.isStartingOrStopping()) return false;
    const disconnect = serverTexts.disconnect();
    if (disconnect !== null && authentication.hasTried()) return !disconnect.isPassing;
    if (!authentication.isAwaited()) return false;
    const isOrderly = lastError === null;
    if (isOrderly && serverTexts.hasRefused()) return true;
    const isLikely = isOrderly ? serverTexts.isJudging() : serverTexts.hasRefused();
    if (isLikely) request.unclearEnds?.add(hop);
    return isLikely && wasUnclear;
  }
  /** The error of a connection that ended before the login was complete. */
  function createEndError(reason: string | undefined): AppError {
    if (isRefusal()) return authentication.failure(reason);
    serverTexts.add(offerReader.textBeforeSsh());
    return (
      createAlgorithmsError(hop, { error: lastError, offer: offerReader.offer(), legacyAlgorithms }) ??
      createConnectError(hop, { error: lastError, said: serverTexts.sentence(reason) })
    );
  }
  function onReady(): void {
    if (!endAttempt('connected')) return;
    authentication.accepted();
    connection.resolve({
      client,
      serverSoftware: readServerSoftware(client),
      algorithms: describeAlgorithms(negotiated, verifiedKey(), offerReader.offer()),
      localPort: socket instanceof Socket ? socket.localPort : undefined,
      close: () => {
        if (!isClosed) closePolitely(client, socket);
      },
      closed: closed.promise,
      isClosed: () => isClosed,
    });
  }

  client.on('error', (error) => {
    if (isNonFatal(error) && state !== 'connected') return;
    lastError ??= error;
    onClose();
    // ssh2 keeps the socket open after a protocol error of the server.
    socket.destroy();
  });
  client.on('close', onClose);
  client.on('end', () => {
    // A channel of a jump host stays half open when the server has ended the connection.
    if (input.through === null) return;
    onClose();
    socket.destroy();
  });
  client.on('handshake', (algorithms) => {
    negotiated ??= algorithms;
    timer.answered();
  });
  client.on('change password', (prompt) => {
    serverTexts.add(prompt);
    const message = `${hop}: the password has expired and must be changed there.${serverTexts.sentence()}`;
    fail(hopError('AUTHENTICATION_FAILED', message));
  });
  client.on('ready', onReady);
  if (request.signal.aborted) {
    abort();
    return connection.promise;
  }
  request.signal.addEventListener('abort', abort, { once: true });
  socket.once('data', timer.answered);
  socket.on('data', offerReader.addChunk);
  client.once('handshake', () => socket.off('data', offerReader.addChunk));
  try {
    client.connect({
      sock: socket,
      username: target.user,
      hostVerifier: verifyHostKey,
      authHandler: (...answer) => {
        timer.answered();
        authentication.handler(...answer);
      },
      algorithms: algorithmLists({ legacyAlgorithms, pinnedTypes: request.pinnedTypes?.(address) ?? [] }),
      readyTimeout: 0,
      ident: 'Sallyport',
    });
    serverTexts.listen(client);
  } catch (error) {
    fail(error);
  }
  return connection.promise;
}
