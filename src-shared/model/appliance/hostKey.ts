import { z } from 'zod';

/** OpenSSH's form: `SHA256:` and 43 characters of unpadded base64. */
export const fingerprintSchema = z
  .string()
  .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'a fingerprint looks like SHA256: and 43 characters');

/** A host key as offered or pinned. `type` is the SSH name, e.g. `ssh-ed25519`. */
export const hostKeySchema = z.object({
  type: z.string().max(64),
  fingerprint: fingerprintSchema,
  /** OpenSSH's older form, to compare with one that was written down: 16 pairs of hex digits. Only of an offered key. */
  md5: z
    .string()
    .regex(/^(?:[0-9a-f]{2}:){15}[0-9a-f]{2}$/)
    .optional(),
});
export type HostKey = z.infer<typeof hostKeySchema>;
