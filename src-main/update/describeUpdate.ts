import { formatInstant } from '../../src-shared/base/time.ts';
import type { SignedUpdate } from './readUpdateFile.ts';

/** What a valid update file contains, a line each. `keySource` says whose key signed it: `a key of this program`. */
export function describeUpdate({ keyId, manifest }: SignedUpdate, keySource: string): string[] {
  const { arch, fileName, platform, sha256, signedAt, size, version } = manifest;
  return [
    `Valid: Sallyport ${version} for ${platform} on ${arch}, signed ${formatInstant(signedAt)} with ${keySource} (${keyId}).`,
    `Package: ${fileName}, ${size} bytes, SHA-256 ${sha256}`,
  ];
}
