import { AppError } from '../../../src-shared/errors.ts';
import { md5FingerprintOf } from '../../../src-shared/model/appliance/expectedKey.ts';
import type { HostKey } from '../../../src-shared/model/appliance/hostKey.ts';
import { fingerprintOf, keyTypeOf } from '../../../src-shared/base/sshWire.ts';

/** Reads a host key in wire format. Throws CONNECT_FAILED if it is malformed. */
export function hostKeyFromBlob(blob: Buffer): HostKey {
  const type = keyTypeOf(blob);
  if (type === null) throw new AppError('CONNECT_FAILED', 'The server sent a malformed host key.');
  return { type, fingerprint: fingerprintOf(blob), md5: md5FingerprintOf(blob) };
}
