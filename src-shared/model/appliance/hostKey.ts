import { z } from 'zod';
import { lookAlikeError } from '../../base/lookAlikes.ts';

/** OpenSSH's form: `SHA256:` and 43 characters of unpadded base64. */
export const fingerprintSchema = z
  .string()
  .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, lookAlikeError('a fingerprint is SHA256: followed by 43 characters'));

/** A host key as offered or pinned. `type` is the SSH name, e.g. `ssh-ed25519`. */
export const hostKeySchema = z.object({
  type: z.string().max(64),
  fingerprint: fingerprintSchema,
  /** OpenSSH's older form, 16 pairs of hex digits, to compare with a written note. Set for offered keys only. */
  md5: z
    .string()
    .regex(/^(?:[0-9a-f]{2}:){15}[0-9a-f]{2}$/)
    .optional(),
});
export type HostKey = z.infer<typeof hostKeySchema>;
