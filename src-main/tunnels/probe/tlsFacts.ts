import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { alertOf, describeAlert, describeHandshakeEnd, type TlsFault } from './tlsAlerts.ts';
import { shorten, visibleText } from '../../../src-shared/base/machineText.ts';
import type { TlsFacts } from '../../../src-shared/model/tunnels/probe.ts';

const maxTextLength = 200;
const shown = (text: string) => shorten(visibleText(text.replaceAll('\n', ', ')), maxTextLength);

/** The common name (`CN`) in a distinguished name, or else the whole name. */
function nameOf(distinguishedName: string): string {
  return shown(/^CN=(.+)$/mu.exec(distinguishedName)?.[1] ?? distinguishedName);
}

function isSelfSigned(certificate: X509Certificate): boolean {
  try {
    return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
  } catch {
    // The key has an unknown type.
    return false;
  }
}

function namesHost(certificate: X509Certificate, host: string): boolean {
  try {
    const match = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
    return match !== undefined;
  } catch {
    return false;
  }
}

/** Collects the facts about a certificate. Throws if its dates are invalid. */
export function readTlsFacts(
  certificate: X509Certificate,
  target: { protocol: string; host: string },
): TlsFacts {
  return {
    protocol: shown(target.protocol),
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    validFrom: new Date(certificate.validFrom).toISOString(),
    validTo: new Date(certificate.validTo).toISOString(),
    selfSigned: isSelfSigned(certificate),
    namesHost: namesHost(certificate, target.host),
  };
}

export type TlsOutcome =
  | { outcome: 'secured'; socket: TLSSocket; tls: TlsFacts }
  | ({ outcome: 'failed' } & TlsFault)
  /** There is no result, because the connection ended or the time limit was reached. */
  | { outcome: 'nothing' };

/** Why TLS failed: the server's alert, or OpenSSL's reason without its source file and line. */
export function describeTlsError(error: Error): TlsFault {
  const alert = alertOf(error);
  if (alert !== null) return describeAlert(alert);
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message;
  return { reason: shown(reason) };
}

/** A client sends no host name in TLS for an address, and some services then don't know which host is meant. */
function noNameSent({ cause }: TlsFault, host: string): string {
  return cause === 'unknown-name' && isIP(host) !== 0
    ? '; connect.yaml has an address, so no name was sent'
    : '';
}

/** Starts TLS and accepts every certificate, because its facts are only reported, and no login is sent. */
export async function startTls(target: {
  stream: Duplex;
  host: string;
  received: () => number;
  firstBytes: () => Buffer;
  signal: AbortSignal;
}): Promise<TlsOutcome> {
  const { host } = target;
  const socket = connect({
    socket: target.stream,
    rejectUnauthorized: false,
    // Only short keys, so that the first message is a small packet: a lost one can stall the tenant's session.
    ecdhCurve: 'X25519:P-256:P-384:P-521',
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
  socket.on('error', () => undefined);
  try {
    await once(socket, 'secureConnect', { signal: target.signal });
  } catch (thrown) {
    socket.destroy();
    if (target.signal.aborted || target.received() === 0 || !(thrown instanceof Error))
      return { outcome: 'nothing' };

    const fault = describeHandshakeEnd(target.firstBytes()) ?? describeTlsError(thrown);
    return { outcome: 'failed', ...fault, reason: `${fault.reason}${noNameSent(fault, host)}` };
  }
  const certificate = socket.getPeerX509Certificate();
  const protocol = socket.getProtocol() ?? 'TLS';
  try {
    if (certificate === undefined) throw new Error('no certificate was shown');
    return { outcome: 'secured', socket, tls: readTlsFacts(certificate, { protocol, host }) };
  } catch (thrown) {
    socket.destroy();
    return { outcome: 'failed', reason: thrown instanceof Error ? shown(thrown.message) : 'unreadable' };
  }
}
