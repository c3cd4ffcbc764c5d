import { connect, type Socket } from 'node:net';

/*
 * The first exchange of SMB (MS-SMB2 2.2.3, 2.2.4; framing of MS-SMB2 2.1): enough to detect a file server and its
 * dialect. Requests after NEGOTIATE get STATUS_ACCESS_DENIED.
 */
const smb2Magic = Buffer.from('fe534d42', 'hex');
const smb1Magic = Buffer.from('ff534d42', 'hex');
const negotiateCommand = 0;
const accessDenied = 0xc000_0022;
const headerLength = 64;
/**
 * Only up to 3.0.2, because 3.1.1 requires negotiate contexts. The wildcard is the reply to a client that
 * starts with SMB 1.
 */
const dialects = [0x0302, 0x0300, 0x0210, 0x0202] as const;
const wildcardDialect = 0x02ff;
const maximumMessage = 64 * 1024;

/** Epoch milliseconds as SMB time: steps of 100 ns since 1601. */
function fileTime(at: number): bigint {
  return (BigInt(at) + 11_644_473_600_000n) * 10_000n;
}

function responseHeader(request: Buffer | null, status: number): Buffer {
  const header = Buffer.alloc(headerLength);
  smb2Magic.copy(header, 0);
  header.writeUInt16LE(headerLength, 4);
  header.writeUInt32LE(status, 8);
  header.writeUInt16LE(request?.readUInt16LE(12) ?? negotiateCommand, 12);
  header.writeUInt16LE(1, 14);
  header.writeUInt32LE(1, 16);
  if (request !== null) request.copy(header, 24, 24, 32);
  return header;
}

function negotiateResponse(request: Buffer | null, serverGuid: Buffer): Buffer {
  const offered =
    request === null
      ? []
      : Array.from({ length: Math.min(request.readUInt16LE(66), 64) }, (_, index) => 100 + 2 * index)
          .filter((offset) => offset + 2 <= request.length)
          .map((offset) => request.readUInt16LE(offset));
  const chosen =
    request === null
      ? wildcardDialect
      : (dialects.find((dialect) => offered.includes(dialect)) ?? dialects[3]);
  const body = Buffer.alloc(64);
  body.writeUInt16LE(65, 0);
  body.writeUInt16LE(1, 2);
  body.writeUInt16LE(chosen, 4);
  serverGuid.copy(body, 8);
  for (const offset of [28, 32, 36]) body.writeUInt32LE(1024 * 1024, offset);
  body.writeBigUInt64LE(fileTime(Date.now()), 40);
  // The security token is empty (length 0), so the client chooses the authentication.
  body.writeUInt16LE(headerLength + 64, 56);
  return Buffer.concat([responseHeader(request, 0), body, Buffer.alloc(1)]);
}

function errorResponse(request: Buffer): Buffer {
  const body = Buffer.alloc(9);
  body.writeUInt16LE(9, 0);
  return Buffer.concat([responseHeader(request, accessDenied), body]);
}

function addFrame(message: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length, 0);
  return Buffer.concat([length, message]);
}

/** Serves one connection to the file server. Closes it if the client does not speak SMB. */
export function serveSmb(socket: Socket, serverGuid: Buffer): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('end', () => socket.end());
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 4) {
      const length = pending.readUInt32BE(0);
      if (length < 4 || length > maximumMessage) return void socket.destroy();
      if (pending.length < 4 + length) return;
      const message = pending.subarray(4, 4 + length);
      pending = pending.subarray(4 + length);
      const magic = message.subarray(0, 4);
      if (magic.equals(smb1Magic)) socket.write(addFrame(negotiateResponse(null, serverGuid)));
      else if (!magic.equals(smb2Magic) || length < headerLength + 36) return void socket.destroy();
      else
        socket.write(
          addFrame(
            message.readUInt16LE(12) === negotiateCommand
              ? negotiateResponse(message, serverGuid)
              : errorResponse(message),
          ),
        );
    }
  });
}

/** A framed NEGOTIATE request of a client that offers all dialects above. */
export function negotiateRequest(): Buffer {
  const header = Buffer.alloc(headerLength);
  smb2Magic.copy(header, 0);
  header.writeUInt16LE(headerLength, 4);
  header.writeUInt16LE(31, 14);
  const body = Buffer.alloc(36 + 2 * dialects.length);
  body.writeUInt16LE(36, 0);
  body.writeUInt16LE(dialects.length, 2);
  body.writeUInt16LE(1, 4);
  for (const [index, dialect] of dialects.entries()) body.writeUInt16LE(dialect, 36 + 2 * index);
  return addFrame(Buffer.concat([header, body]));
}

/** The dialect in a framed NEGOTIATE response, e.g. `3.0.2`. Null if it is no such response. */
export function readDialect(answer: Buffer): string | null {
  const message = answer.subarray(4);
  if (message.length < headerLength + 6 || !message.subarray(0, 4).equals(smb2Magic)) return null;
  if (message.readUInt32LE(8) !== 0 || message.readUInt16LE(12) !== negotiateCommand) return null;
  const dialect = message.readUInt16LE(headerLength + 4);
  return `${dialect >> 8}.${(dialect >> 4) & 15}.${dialect & 15}`;
}

/** Negotiates with the file server at `address` and returns the dialect as text. `timeout` is in milliseconds. */
export function askSmb(address: { host: string; port: number; timeout: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...address, noDelay: true });
    socket.once('connect', () => socket.write(negotiateRequest()));
    socket.once('data', (answer: Buffer) => {
      const dialect = readDialect(answer);
      if (dialect === null) reject(new Error('not an SMB response'));
      else resolve(`SMB ${dialect} negotiated`);
      socket.destroy();
    });
    socket.once('timeout', () => socket.destroy(new Error(`no answer in ${address.timeout / 1000} s`)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed before a response')));
  });
}
