import type { FaultCause } from '../../../src-shared/model/tunnels/probe.ts';

/** The alerts that a server sends in a handshake (RFC 8446, 6; RFC 5246, 7.2). */
const alertNames: Readonly<Record<number, string>> = {
  0: 'close notify',
  10: 'unexpected message',
  20: 'bad record MAC',
  22: 'record overflow',
  40: 'handshake failure',
  42: 'bad certificate',
  43: 'unsupported certificate',
  44: 'certificate revoked',
  45: 'certificate expired',
  46: 'certificate unknown',
  47: 'illegal parameter',
  48: 'unknown CA',
  49: 'access denied',
  50: 'decode error',
  51: 'decrypt error',
  70: 'protocol version',
  71: 'insufficient security',
  80: 'internal error',
  86: 'inappropriate fallback',
  109: 'missing extension',
  110: 'unsupported extension',
  112: 'unrecognized name',
  116: 'certificate required',
  120: 'no application protocol',
};

/** The verdict about a service that refuses a client without a certificate. */
export const wantsCertificate = {
  means: 'the service wants a client certificate, and a test has none',
  cause: 'wants-certificate',
} as const;

/** What alerts about a certificate mean, because a test shows none. */
const refusesCertificate = {
  means: 'the service, or something in front of it, checks client certificates, and a test has none',
  cause: 'wants-certificate',
} as const;

/** What an alert says about the service. */
const alertMeanings: Readonly<Record<number, { means: string; cause?: FaultCause }>> = {
  40: {
    means:
      'the service speaks TLS, but shares no version or cipher with the test, or wants a client certificate',
  },
  42: wantsCertificate,
  43: refusesCertificate,
  44: refusesCertificate,
  45: refusesCertificate,
  46: refusesCertificate,
  48: refusesCertificate,
  49: { means: 'the service speaks TLS, but refuses this client by a rule of its own' },
  70: { means: 'the service speaks TLS, but neither version 1.2 nor 1.3', cause: 'old-version' },
  71: { means: 'the service speaks TLS, but shares no cipher with the test' },
  80: { means: 'the service speaks TLS, but failed in the handshake; its log says why' },
  109: { means: 'the service speaks TLS, but wants an extension, such as a host name' },
  112: {
    means: 'the service speaks TLS, but knows no host of the name in connect.yaml',
    cause: 'unknown-name',
  },
  116: wantsCertificate,
  120: { means: 'the service speaks TLS, but not HTTP/1.1 inside it' },
};

/** Why TLS failed. `cause` is set if the advice depends on it. */
export type TlsFault = { reason: string; cause?: FaultCause };

export function nameAlert(alert: number): string {
  return `TLS alert “${alertNames[alert] ?? alert}”`;
}

export function describeAlert(alert: number): TlsFault {
  const meaning = alertMeanings[alert];
  if (meaning === undefined) return { reason: nameAlert(alert) };
  const { means, ...more } = meaning;
  return { reason: `${nameAlert(alert)}: ${means}`, ...more };
}

const versions: Readonly<Record<number, string>> = { 0: 'SSL 3.0', 1: 'TLS 1.0', 2: 'TLS 1.1' };

/**
 * What the first bytes of a TLS answer say if they end the handshake: an alert in clear text, or an old version
 * that the server chose. Null for anything else.
 */
export function describeHandshakeEnd(bytes: Buffer): TlsFault | null {
  if (bytes[1] !== 3) return null;
  // Level 2 is fatal. After a warning, the handshake goes on **[doc]**.
  if (bytes[0] === 21 && bytes.length >= 7 && bytes.readUInt16BE(3) === 2 && bytes[5] === 2)
    return describeAlert(bytes[6] ?? 0);
  const isServerHello = bytes[0] === 22 && bytes.length >= 11 && bytes[5] === 2 && bytes[9] === 3;
  const version = isServerHello ? versions[bytes[10] ?? 3] : undefined;
  if (version === undefined) return null;
  return { reason: `the service speaks TLS, but only up to ${version}`, cause: 'old-version' };
}

/** The number of the alert in an error of OpenSSL. Null for any other error. */
export function alertOf(error: Error): number | null {
  const number = /SSL alert number (\d{1,3})/u.exec(error.message)?.[1];
  return number === undefined ? null : Number(number);
}
