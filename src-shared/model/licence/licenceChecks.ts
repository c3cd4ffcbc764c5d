import { z } from 'zod';

/** The checks of an answer, in the order in which they run **[ours]**. */
export const licenceChecks = {
  file: { label: 'File' },
  format: { label: 'Format' },
  signature: { label: 'Signature' },
  appliance: { label: 'For this appliance' },
  request: { label: 'Answers this request' },
  sequence: { label: 'Newer than installed' },
  notBefore: { label: 'Valid now' },
  expiry: { label: 'Not expired' },
  version: { label: 'Version' },
  configuration: { label: 'Configuration' },
} as const;
export type LicenceCheck = keyof typeof licenceChecks;
export const licenceCheckSchema = z.enum([
  'file',
  'format',
  'signature',
  'appliance',
  'request',
  'sequence',
  'notBefore',
  'expiry',
  'version',
  'configuration',
] satisfies LicenceCheck[]);

/** `skipped`: an earlier check failed, so that this one would prove nothing. */
export const checkResultSchema = z.object({
  check: licenceCheckSchema,
  outcome: z.enum(['passed', 'failed', 'skipped']),
  detail: z.string().max(512),
  /** The time that the check is about, so that a page can show it in local time too. */
  instant: z.iso.datetime().max(40).nullable(),
});
export type CheckResult = z.infer<typeof checkResultSchema>;
