import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Client, type ConnectConfig, type NegotiatedAlgorithms } from 'ssh2';
import { AppError } from '../../../src-shared/errors.ts';
import type { SshTarget } from '../../../src-shared/model/appliance/applianceEntry.ts';
import type { LinkAlgorithms } from '../../../src-shared/model/appliance/link.ts';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { createAuthentication } from './authentication.ts';
import { algorithmLists, keyLengthFault, weakAlgorithms } from './algorithms.ts';
import { algorithmsRefused, weakHostKey } from './algorithmsRefused.ts';
import { connectFailed } from './connectError.ts';
import { createHopTimer } from './hopTimer.ts';
import { hopNameOf, plainHost } from './hopName.ts';
import { hostKeyFromBlob } from './hostKeyCheck.ts';
import type { LoadKeyFile } from './keyFile.ts';
import { createOfferReader } from './serverOffer.ts';
import type { ConnectRequest } from '../types.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';

/** One authenticated hop. `closed` resolves once, with what ended it. */
export type ConnectedHop = {
  client: Client;
  serverSoftware: string;
  algorithms: LinkAlgorithms;
  close: () => void;
  closed: Promise<unknown>;
  isClosed: () => boolean;
};

/** A peer that never answers the goodbye still loses its socket after this. */
const goodbyeMs = 500;

/** Errors that ssh2 reports on the side while it goes on with the next key. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof Error &&
    'level' in error &&
    (error.level === 'agent' || error.level === 'client-authentication')
  );
}

/** ssh2 keeps the server's name to itself; its `debug` would tell, at the price of a text for every packet. */
function softwareOf(client: Client): string {
  const software: unknown = Reflect.get(client, '_remoteVer');
  return typeof software === 'string' ? visibleText(software).slice(0, 256) : 'unknown';
}

function describeAlgorithms(negotiated: NegotiatedAlgorithms | null, hostKey: Buffer | null): LinkAlgorithms {
  if (negotiated === null || hostKey === null)
    return { kex: 'unknown', hostKey: 'unknown', cipher: 'unknown', mac: 'unknown', weak: [] };
  return {
    kex: negotiated.kex,
    hostKey: negotiated.serverHostKey,
    cipher: negotiated.cs.cipher,
    // GCM and poly1305 bring their own.
    mac: negotiated.cs.mac === '' ? 'part of the cipher' : negotiated.cs.mac,
    weak: weakAlgorithms(negotiated, hostKey),
  };
}

function openSocket(target: SshTarget): Socket {
  const socket = new Socket();
  socket.setNoDelay(true);
  socket.connect({ host: plainHost(target.host), port: target.port });
  return socket;
}

/**
 * Connects, verifies and logs in to one hop, over `through` (a channel of the hop before) or a socket of its own.
 * Rejects with AppError; nothing of the attempt is left then.
 */
export function connectHop(input: {
  target: SshTarget;
  through: Duplex | null;
  request: ConnectRequest;
  agentPath: string | null;
  loadKeyFile: LoadKeyFile;
  timeoutMs: number;
}): Promise<ConnectedHop> {
  const { target, request } = input;
  const hop = hopNameOf(target);
  const address = { host: plainHost(target.host), port: target.port };
  const client = new Client();
  const socket = input.through ?? openSocket(target);
  const legacyAlgorithms = request.legacyAlgorithms ?? false;
  const offerReader = createOfferReader();

  return new Promise((resolve, reject) => {
    let settled = false;
    let connected = false;
    let verifiedKey: Buffer | null = null;
    let negotiated: NegotiatedAlgorithms | null = null;
    let lastError: unknown = null;
    let closedNow = false;
    const closed = Promise.withResolvers<unknown>();

    const destroy = () => socket.destroy();
    const close = () => {
      if (closedNow) return;
      client.end();
      setTimeout(destroy, goodbyeMs).unref();
    };

    const timer = createHopTimer(input.timeoutMs, () =>
      fail(
        new AppError('CONNECT_TIMEOUT', `${hop} did not answer within ${input.timeoutMs / 1000} s.`, {
          detail: { hop },
        }),
      ),
    );

    function fail(error: unknown): void {
      if (settled) {
        // After the log-in only a changed key on a new exchange comes here.
        lastError = error;
        lost();
        destroy();
        return;
      }
      settled = true;
      timer.stop();
      request.signal.removeEventListener('abort', abort);
      destroy();
      if (error instanceof AppError) reject(error);
      else
        reject(new AppError('INTERNAL', `Connecting to ${hop} failed inside Sallyport.`, { cause: error }));
    }

    function abort(): void {
      fail(new AppError('CANCELLED', `Connecting to ${hop} was cancelled.`, { detail: { hop } }));
    }

    const authentication = createAuthentication({
      hop,
      target,
      agentPath: input.agentPath,
      loadKeyFile: input.loadKeyFile,
      askSecret: (question) => timer.whilePaused(() => request.askSecret(question)),
      onStep: request.onStep,
      fail,
    });

    function verifyHostKey(blob: Buffer, accept: (valid: boolean) => void): void {
      if (verifiedKey !== null) {
        // Keys are exchanged anew every so often; only the very same one passes, and nobody is asked.
        if (verifiedKey.equals(blob)) accept(true);
        else
          fail(
            new AppError('HOST_KEY_CHANGED', `${hop} changed its host key while connected.`, {
              detail: {
                hop,
                offered: hostKeyFromBlob(blob),
                pinned: hostKeyFromBlob(verifiedKey),
              },
            }),
          );
        return;
      }
      // ssh2 reuses the buffer for later packets.
      const key = Buffer.from(blob);
      checkFirstKey(key, accept).catch(fail);
    }

    /** A refused key ends the connection by `fail`, not by `accept(false)`, which would still send a message. */
    async function checkFirstKey(key: Buffer, accept: (valid: boolean) => void): Promise<void> {
      const offered = hostKeyFromBlob(key);
      const fault = keyLengthFault(key, legacyAlgorithms);
      if (fault !== null) throw weakHostKey(hop, fault);
      await timer.whilePaused(() => request.verifyHostKey({ name: hop, ...address }, offered));
      verifiedKey = key;
      accept(true);
    }

    function lost(): void {
      if (closedNow) return;
      closedNow = true;
      closed.resolve(lastError);
      if (authentication.hasTried() && typeof systemErrorCode(lastError) === 'number')
        fail(authentication.failure(lastError instanceof Error ? lastError.message : undefined));
      else fail(algorithmsRefused(hop, lastError, offerReader.offer()) ?? connectFailed(hop, lastError));
    }

    client.on('error', (error) => {
      if (isPassing(error) && !connected) return;
      lastError ??= error;
      lost();
      // ssh2 leaves the socket open after a protocol error of the peer's.
      destroy();
    });
    client.on('close', lost);
    client.on('handshake', (algorithms) => {
      negotiated ??= algorithms;
    });
    client.on('change password', () => {
      fail(
        new AppError('AUTHENTICATION_FAILED', `${hop}: the password has expired and must be changed there.`, {
          detail: { hop },
        }),
      );
    });
    client.on('ready', () => {
      if (settled) return;
      settled = true;
      connected = true;
      timer.stop();
      request.signal.removeEventListener('abort', abort);
      authentication.accepted();
      resolve({
        client,
        serverSoftware: softwareOf(client),
        algorithms: describeAlgorithms(negotiated, verifiedKey),
        close,
        closed: closed.promise,
        isClosed: () => closedNow,
      });
    });

    const config: ConnectConfig = {
      sock: socket,
      username: target.user,
      hostVerifier: verifyHostKey,
      authHandler: authentication.handler,
      algorithms: algorithmLists({
        legacyAlgorithms,
        pinnedTypes: request.pinnedTypes?.(address) ?? [],
      }),
      readyTimeout: 0,
      ident: 'Sallyport',
    };
    if (request.signal.aborted) {
      abort();
      return;
    }
    request.signal.addEventListener('abort', abort, { once: true });
    socket.on('data', offerReader.take);
    client.once('handshake', () => socket.off('data', offerReader.take));
    try {
      client.connect(config);
    } catch (error) {
      fail(error);
    }
  });
}
