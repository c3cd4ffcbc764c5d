import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';

/**
 * An update file is one line, the signed manifest, and then the bytes of the package that the manifest describes **[ours]**.
 */
export const updateFileEnding = '.sallyport-update';
export const updateMediaType = 'application/vnd.sallyport.update';

/** Larger packages are refused unread; Electron's runtime has about 115 MB. */
const maxPackageBytes = 1024 ** 3;

export const updateManifestSchema = z.strictObject({
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/u)
    .max(32),
  /** Node's names. */
  platform: z.enum(['linux', 'win32', 'darwin']),
  arch: z.enum(['x64', 'arm64']),
  fileName: z
    .string()
    .regex(/^\w[\w.-]*$/u)
    .max(200),
  size: z.int().positive().max(maxPackageBytes),
  sha256: z.string().regex(/^[0-9a-f]{64}$/u),
  signedAt: instantSchema,
});
export type UpdateManifest = z.infer<typeof updateManifestSchema>;
