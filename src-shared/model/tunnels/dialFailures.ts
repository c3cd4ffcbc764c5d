import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import type { TunnelCode } from './tunnelCodes.ts';

/** Why Connect can't open a connection to a repository. `local`: the cause is on Connect's own computer. */
export const dialReasons = ['refused', 'timeout', 'name', 'route', 'local', 'other'] as const;
export type DialReason = (typeof dialReasons)[number];

/**
 * The facts about each reason. If the addresses of a repository fail for several reasons, the first of this
 * table counts, because it got furthest **[ours]**.
 */
export const dialReasonFacts: Readonly<
  Record<DialReason, { code: TunnelCode; text: string; systemCodes: readonly string[] }>
> = {
  refused: {
    code: 'T-6001',
    text: 'the connection was refused',
    systemCodes: ['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE'],
  },
  timeout: { code: 'T-6002', text: 'the attempt to connect timed out', systemCodes: ['ETIMEDOUT'] },
  name: {
    code: 'T-6003',
    text: 'the name can’t be resolved',
    systemCodes: [
      'ENOTFOUND',
      'EAI_AGAIN',
      'EAI_FAIL',
      'EAI_NODATA',
      'EAI_NONAME',
      'EAI_SERVICE',
      'EAI_SYSTEM',
      'EAI_ADDRFAMILY',
      'ENODATA',
      'ESERVFAIL',
    ],
  },
  route: {
    code: 'T-6004',
    text: 'there is no route',
    systemCodes: ['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EHOSTDOWN', 'EAFNOSUPPORT', 'ENONET'],
  },
  local: {
    code: 'T-6005',
    text: 'Connect’s computer can’t open connections',
    systemCodes: [
      'EADDRNOTAVAIL',
      'EADDRINUSE',
      'EMFILE',
      'ENFILE',
      'ENOBUFS',
      'ENOMEM',
      'EAGAIN',
      'EACCES',
      'EPERM',
    ],
  },
  other: { code: 'T-6005', text: 'the connection failed', systemCodes: [] },
};

/** Maximum length of Connect's own words about a failure. */
export const maxDialMessage = 200;

/** The last failed connection of Connect to the repository of a port, by the appliance's clock. */
export const dialFailureSchema = z.object({
  at: instantSchema,
  /** A reason that only a later Connect knows counts as `other`. */
  reason: z.enum(dialReasons).catch('other'),
  message: z.string().max(maxDialMessage),
});
export type DialFailure = z.infer<typeof dialFailureSchema>;
