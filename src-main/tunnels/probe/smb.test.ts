import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMeteredStream } from './meteredStream.ts';
import { buildSmbNegotiate, negotiate, readSmbNegotiate } from './smb.ts';

/** A response to NEGOTIATE with its length prefix (MS-SMB2 2.2.4). */
function answer(dialect: number, fields: { status?: number; flags?: number; command?: number } = {}): Buffer {
  const message = Buffer.alloc(64 + 65);
  message.writeUInt32BE(0xfe53_4d42, 0);
  message.writeUInt16LE(64, 4);
  message.writeUInt32LE(fields.status ?? 0, 8);
  message.writeUInt16LE(fields.command ?? 0, 12);
  message.writeUInt32LE(fields.flags ?? 1, 16);
  message.writeUInt16LE(65, 64);
  message.writeUInt16LE(dialect, 68);
  const frame = Buffer.alloc(4);
  frame.writeUInt32BE(message.length, 0);
  return Buffer.concat([frame, message]);
}

/** Whether the description is short and safe to show, and names a dialect only for an SMB 2 answer. */
const isSound = (buffer: Buffer): boolean => {
  const reading = readSmbNegotiate(buffer);
  if (reading.state === 'dialect') return buffer.subarray(4, 8).toString('hex') === 'fe534d42';
  return reading.state !== 'not-smb' || reading.saw.length < 100;
};

describe('the answer to an SMB NEGOTIATE', () => {
  test.each([
    [0x0202, 'SMB 2.0.2'],
    [0x0210, 'SMB 2.1.0'],
    [0x0300, 'SMB 3.0.0'],
    [0x0302, 'SMB 3.0.2'],
    [0x0311, 'SMB 3.1.1'],
  ])('names dialect %i', (dialect, protocol) => {
    expect(readSmbNegotiate(answer(dialect))).toEqual({ state: 'dialect', protocol });
  });

  test('is complete only with its last byte', () => {
    const whole = answer(0x0311);
    for (let length = 0; length < whole.length; length += 1)
      expect(readSmbNegotiate(whole.subarray(0, length))).toEqual({ state: 'more' });
    expect(readSmbNegotiate(Buffer.concat([whole, whole])).state).toBe('dialect');
  });

  test('of a server that only knows SMB 1 is the wrong protocol', () => {
    const old = Buffer.concat([Buffer.from([0, 0, 0, 35]), Buffer.from('ff534d42', 'hex'), Buffer.alloc(31)]);
    expect(readSmbNegotiate(old)).toEqual({
      state: 'not-smb',
      saw: 'SMB 1 only; SMB 2 or later is needed',
      isSmb1: true,
    });
  });

  test('with an error, another command, or a dialect that was not offered is no success', () => {
    expect(readSmbNegotiate(answer(0x0311, { status: 0xc000_0022 }))).toEqual({
      state: 'refused',
      status: 0xc000_0022,
    });
    expect(readSmbNegotiate(answer(0x0311, { command: 1 })).state).toBe('not-smb');
    expect(readSmbNegotiate(answer(0x0311, { flags: 0 })).state).toBe('not-smb');
    expect(readSmbNegotiate(answer(0x02ff)).state).toBe('not-smb');
  });

  test('when it is anything, is read without harm', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
    const almost = fc
      .tuple(fc.nat(132), fc.nat(255))
      .map(([at, value]) => Buffer.from(answer(0x0300).with(at, value)));
    const property = fc.property(fc.oneof(bytes, almost), isSound);
    expect(fc.check(property, { numRuns: 5000 }).counterexample).toBeNull();
  });

  test('is requested with every dialect and with the contexts that 3.1.1 needs, aligned', () => {
    const asked = buildSmbNegotiate();
    expect(asked.readUInt32BE(0)).toBe(asked.length - 4);
    const message = asked.subarray(4);
    expect(message.readUInt16LE(66)).toBe(5);
    const offset = message.readUInt32LE(64 + 28);
    expect(offset % 8).toBe(0);
    expect(message.readUInt16LE(64 + 32)).toBe(2);
    expect(message.readUInt16LE(offset)).toBe(1);
    const length = message.readUInt16LE(offset + 2);
    const next = offset + 8 + length + ((8 - (length % 8)) % 8);
    expect(message.readUInt16LE(next)).toBe(2);
    expect(buildSmbNegotiate().equals(asked)).toBe(false);
  });
});

test.each(['before', 'while'] as const)(
  'when the time runs out %s a silent server is asked, ends',
  async (when) => {
    const silent = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
    const overdue = new AbortController();
    if (when === 'before') overdue.abort();
    const asked = negotiate(
      createMeteredStream(silent),
      { request: buildSmbNegotiate(), offered: null },
      overdue.signal,
    );
    overdue.abort();
    expect(await asked).toBeNull();
    expect(silent.destroyed).toBe(true);
  },
);
