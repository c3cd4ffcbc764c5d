import { z } from 'zod';

/**
 * What the operator's known_hosts files say about an offered key. `different`: they contain another key of
 * this type for the host. `incomplete`: a part was not read, and it may revoke the key.
 * `hasCertificateAuthority`: they have a certificate line for it (unsupported).
 */
export const knownHostsAnswerSchema = z.object({
  answer: z.enum(['known', 'different', 'revoked', 'absent', 'incomplete']),
  /** The file and line that decide, or the first line that was not read. Null if `answer` is `absent`. */
  place: z.object({ file: z.string(), line: z.int().positive() }).nullable(),
  hasCertificateAuthority: z.boolean(),
});
export type KnownHostsAnswer = z.infer<typeof knownHostsAnswerSchema>;
