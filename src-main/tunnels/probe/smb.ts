import { randomBytes } from 'node:crypto';
import type { ProtocolFacts, ServiceProbe } from './serviceProbe.ts';
import { destroyAtAbort, maxAnswerBytes, type MeteredStream } from './meteredStream.ts';
import { describeBytes } from './describeBytes.ts';
import { race } from '../../../src-shared/base/race.ts';
import { secondMs } from '../../../src-shared/base/time.ts';

/*
 * The first exchange of SMB 2 and 3: a NEGOTIATE request with all dialects (MS-SMB2 2.1, 2.2.3, 2.2.4). It is
 * no login, and the connection is closed after the answer.
 */
const smb2Magic = 0xfe53_4d42;
const smb1Magic = 0xff53_4d42;
const headerLength = 64;
const dialects = [0x0202, 0x0210, 0x0300, 0x0302, 0x0311] as const;

/** Encodes a negotiate context: type, length of the data, reserved bytes, data. Padded to eight bytes. */
function encodeContext(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(type, 0);
  head.writeUInt16LE(data.length, 2);
  return Buffer.concat([head, data, Buffer.alloc((8 - (data.length % 8)) % 8)]);
}

/** The only defined hash is SHA-512. Without this context, a server does not offer 3.1.1. */
function preauthContext(salt: Buffer): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt16LE(1, 0);
  head.writeUInt16LE(salt.length, 2);
  head.writeUInt16LE(1, 4);
  return encodeContext(1, Buffer.concat([head, salt]));
}

/** A context type that is reserved and that servers skip (MS-SMB2 2.2.3.1). */
const reservedContext = 0x0100;

/** Lists AES-128-GCM, AES-128-CCM, AES-256-GCM and AES-256-CCM. */
function encryptionContext(): Buffer {
  const ciphers = [2, 1, 4, 3];
  const data = Buffer.alloc(2 + 2 * ciphers.length);
  data.writeUInt16LE(ciphers.length, 0);
  for (const [index, cipher] of ciphers.entries()) data.writeUInt16LE(cipher, 2 + 2 * index);
  return encodeContext(2, data);
}

/**
 * A NEGOTIATE request for SMB 2.0.2 to 3.1.1, with its length prefix. `extraBytes`: size of an additional context
 * with a reserved type, which servers skip.
 */
export function buildSmbNegotiate(extraBytes = 0): Buffer {
  const header = Buffer.alloc(headerLength);
  header.writeUInt32BE(smb2Magic, 0);
  header.writeUInt16LE(headerLength, 4);
  header.writeUInt16LE(31, 14);
  const body = Buffer.alloc(36 + 2 * dialects.length);
  body.writeUInt16LE(36, 0);
  body.writeUInt16LE(dialects.length, 2);
  // Signing is enabled. The capabilities are those of a current client, e.g. encryption and large reads.
  body.writeUInt16LE(1, 4);
  body.writeUInt32LE(0x7f, 8);
  randomBytes(16).copy(body, 12);
  for (const [index, dialect] of dialects.entries()) body.writeUInt16LE(dialect, 36 + 2 * index);
  const padding = Buffer.alloc((8 - (body.length % 8)) % 8);
  const more = extraBytes === 0 ? [] : [encodeContext(reservedContext, Buffer.alloc(extraBytes))];
  const contexts = Buffer.concat([preauthContext(randomBytes(32)), ...more, encryptionContext()]);
  body.writeUInt32LE(headerLength + body.length + padding.length, 28);
  body.writeUInt16LE(2 + more.length, 32);
  const message = Buffer.concat([header, body, padding, contexts]);
  const frame = Buffer.alloc(4);
  frame.writeUInt32BE(message.length, 0);
  return Buffer.concat([frame, message]);
}

/** The dialects of SMB 1 and the two that ask for SMB 2 (MS-SMB2 3.3.5.3). */
const multiProtocolDialects = ['NT LM 0.12', 'SMB 2.002', 'SMB 2.???'];

/** A NEGOTIATE request of SMB 1, which also a server answers that doesn't know SMB 2 (MS-SMB 2.2.4.5.1). */
export function buildMultiProtocolNegotiate(): Buffer {
  const header = Buffer.alloc(32);
  header.writeUInt32BE(smb1Magic, 0);
  header.writeUInt8(0x72, 4);
  header.writeUInt8(0x18, 9);
  header.writeUInt16LE(0xc843, 10);
  header.writeUInt16LE(0xffff, 24);
  const names = Buffer.concat(multiProtocolDialects.map((name) => Buffer.from(`\u0002${name}\0`, 'latin1')));
  const body = Buffer.alloc(3);
  body.writeUInt16LE(names.length, 1);
  const message = Buffer.concat([header, body, names]);
  const frame = Buffer.alloc(4);
  frame.writeUInt32BE(message.length, 0);
  return Buffer.concat([frame, message]);
}

/** The dialect of a server that knows SMB 2 and later in its answer to an SMB 1 request (MS-SMB2 2.2.4). */
const anyDialect = 0x02ff;

const dialectName = (dialect: number) => `${dialect >> 8}.${(dialect >> 4) & 15}.${dialect & 15}`;

export type SmbReading =
  | { state: 'more' }
  | { state: 'dialect'; protocol: string }
  | { state: 'refused'; status: number }
  | { state: 'not-smb'; saw: string; isSmb1?: true };

/**
 * Parses the answer, of which only a part may have arrived. `dialects`: those that the request offers. Never
 * throws.
 */
export function readSmbNegotiate(answer: Buffer, offered: readonly number[] = dialects): SmbReading {
  const notSmb = { state: 'not-smb', saw: describeBytes(answer) } as const;
  if (answer.length > 0 && answer[0] !== 0) return notSmb;
  if (answer.length < 4) return { state: 'more' };
  const length = answer.readUInt32BE(0);
  if (length < 8 || length > maxAnswerBytes) return notSmb;
  if (answer.length < 8) return { state: 'more' };
  const magic = answer.readUInt32BE(4);
  if (magic === smb1Magic)
    return { state: 'not-smb', saw: 'SMB 1 only; SMB 2 or later is needed', isSmb1: true };
  if (magic !== smb2Magic || length < headerLength + 8) return notSmb;
  if (answer.length < 4 + length) return { state: 'more' };
  const message = answer.subarray(4, 4 + length);
  const isAnswer = (message.readUInt32LE(16) & 1) === 1 && message.readUInt16LE(12) === 0;
  if (!isAnswer) return { state: 'not-smb', saw: 'SMB, but no answer to NEGOTIATE' };
  const status = message.readUInt32LE(8);
  if (status !== 0) return { state: 'refused', status };
  const dialect = message.readUInt16LE(headerLength + 4);
  if (!offered.includes(dialect))
    return { state: 'not-smb', saw: `SMB with dialect 0x${dialect.toString(16).padStart(4, '0')}` };
  const version = dialect === anyDialect ? '2 or later' : dialectName(dialect);
  return { state: 'dialect', protocol: `SMB ${version}` };
}

function factsOf(reading: Exclude<SmbReading, { state: 'more' }>): ProtocolFacts {
  switch (reading.state) {
    case 'dialect':
      return {
        outcome: 'answered',
        protocol: reading.protocol,
        tls: null,
        answeredAt: performance.now(),
      };
    case 'refused':
      return {
        outcome: 'fails',
        reason: `SMB status 0x${reading.status.toString(16).padStart(8, '0')}`,
        tls: null,
      };
    case 'not-smb':
      return {
        outcome: 'wrong-protocol',
        saw: reading.saw,
        tls: null,
        ...(reading.isSmb1 === true ? { cause: 'old-version' } : {}),
      };
  }
}

/** After this time without an answer, the server is also asked in SMB 1 **[ours]**. */
const askAgainAfterMs = 2 * secondMs;

/** Sends a NEGOTIATE and reads the answer. Null if the connection ended without one, or at the abort. */
export async function negotiate(
  connection: MeteredStream | null,
  { request, offered }: { request: Buffer; offered: readonly number[] | null },
  signal: AbortSignal,
): Promise<ProtocolFacts | null> {
  if (connection === null) return null;
  const { stream } = connection;
  const keep = destroyAtAbort(stream, signal);
  let answer = Buffer.alloc(0);
  try {
    stream.write(request);
    for await (const chunk of stream) {
      if (Buffer.isBuffer(chunk)) answer = Buffer.concat([answer, chunk]);
      const reading = readSmbNegotiate(answer, offered ?? dialects);
      if (reading.state !== 'more') return factsOf(reading);
    }
    return null;
  } catch {
    return null;
  } finally {
    keep();
    stream.destroy();
  }
}

/** No usable answer. `answer` is the connection on which a part of one came. */
const nothing = (answer: MeteredStream | null): ProtocolFacts => ({
  outcome: 'nothing',
  stage: 'protocol',
  ...(answer !== null && answer.received() > 0 ? { answer } : {}),
});

/**
 * A server that knows only SMB 1 answers no SMB 2 request: it closes or stays silent. So ask again in SMB 1 on
 * a new connection.
 */
export const probeSmb: ServiceProbe = async ({ connect, signal }) => {
  const connection = await connect();
  const first = negotiate(connection, { request: buildSmbNegotiate(), offered: dialects }, signal);
  const early = await race(first, { timeoutMs: askAgainAfterMs, onTimeout: () => null });
  if (early !== null) return early;
  if (signal.aborted || (connection?.received() ?? 0) > 0) return (await first) ?? nothing(connection);
  const again = await connect();
  const request = buildMultiProtocolNegotiate();
  const second = negotiate(again, { request, offered: [dialects[0], anyDialect] }, signal);
  const answers = [first, second].map(async (answer) => (await answer) ?? Promise.reject(new Error('none')));
  return Promise.any(answers).catch(() => nothing(again));
};
