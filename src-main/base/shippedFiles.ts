import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../src-shared/errors.ts';
import { programFolder } from './programFolder.ts';

/** The bill of materials in CycloneDX 1.6, and the notices of the packages in it; the build writes both into `out`. */
export const billFile = 'sbom.cdx.json';
export const noticesFile = 'NOTICES.txt';

const pathOf = (name: string, root: string) => join(root, 'out', name);

/** The SHA-256 of the bill of materials in hex digits. Null if this program was not built. */
export function readBillHash(root = programFolder()): string | null {
  const file = pathOf(billFile, root);
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : null;
}

/** The notices of third-party software. Throws NOT_FOUND if this program was not built. */
export function readNotices(root = programFolder()): string {
  const file = pathOf(noticesFile, root);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  throw new AppError(
    'NOT_FOUND',
    'The notices are written by the build, and this checkout has none yet: npm run build',
    { detail: { file: noticesFile } },
  );
}
