import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import { hostKeySchema } from '../../../src-shared/model/appliance/hostKey.ts';
import { hostKeyFromBlob } from './hostKeyCheck.ts';

function codeOrKey(bytes: Uint8Array): unknown {
  try {
    return hostKeyFromBlob(Buffer.from(bytes));
  } catch (error) {
    return error instanceof AppError ? error.code : error;
  }
}

describe('a host key', () => {
  test('has the same fingerprint as in ssh-keygen', () => {
    // Created with ssh-keygen -t ed25519; the fingerprint is from ssh-keygen -l.
    const blob = Buffer.from(
      'AAAAC3NzaC1lZDI1NTE5AAAAICn3Tt3MbEdvKfQid4dDNEXIapy1CGk+voGnSOKt1f6j',
      'base64',
    );
    expect(hostKeyFromBlob(blob)).toEqual({
      type: 'ssh-ed25519',
      fingerprint: 'SHA256:pi2XSg2rC0Qnr8zccq+T1/ApsaFOEIMAOJd2Rw/B3Ps',
      md5: '9b:07:47:0d:b1:e8:a4:3e:a7:4f:9a:f3:de:21:55:63',
    });
  });

  test('when made of any bytes, is valid or rejected', () => {
    const expected = z.union([hostKeySchema, z.literal('CONNECT_FAILED')]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(expected.safeParse(codeOrKey(bytes)).success).toBe(true);
      }),
    );
    expect(codeOrKey(Buffer.from([0, 0, 0, 1]))).toBe('CONNECT_FAILED');
    expect(codeOrKey(Buffer.from([0, 0, 0, 1, 65]))).toMatchObject({ type: 'A' });
  });
});
