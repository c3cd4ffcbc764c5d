import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../../src-shared/errors.ts';
import { canonicalAddress, isMemberAddress } from './tenants/memberAddress.ts';
import {
  defaultQuota,
  firstPort,
  lastPort,
  portCount,
  portRangeSchema,
  rangeSize,
} from '../../src-shared/model/tenants/ports.ts';

/** As the kernel prints it, so that what listens can be compared with it. */
const memberAddressSchema = z
  .union([z.ipv4(), z.ipv6()])
  .transform(canonicalAddress)
  .refine(isMemberAddress, 'an address of this computer that others reach');

const absolutePath = z.string().regex(/^\/[^\0\n]*$/, 'an absolute path');

/** The appliance's own settings, `/etc/sallyport/appliance.json` **[ours]**. Holds no secret: everybody may read it. */
export const applianceConfigSchema = z.strictObject({
  applianceId: z.uuid(),
  applianceVersion: z.string().regex(/^\d+\.\d+\.\d+$/, 'a version like 1.14.4'),
  /** Shown as the appliance's name; the machine's own host name unless given. */
  hostname: z.string().min(1).max(253).optional(),
  stateFolder: absolutePath,
  /** Needs to survive no restart: who is logged in, what was announced. */
  runFolder: absolutePath,
  connectUser: z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'a system user'),
  syslog: absolutePath,
  portRange: portRangeSchema
    .refine((range) => rangeSize(range) <= portCount, `at most ${portCount} ports`)
    .default({ first: firstPort, last: lastPort }),
  /**
   * Of a cluster member: forwards listen here as well as on loopback, so that the other members reach them **[doc]**.
   * Only a firewall keeps everybody else out (docs/cluster.md).
   */
  listenAddress: memberAddressSchema.optional(),
  defaultQuota: z.int().positive().default(defaultQuota),
  /** sshd's ClientAliveInterval for tenants: it distinguishes a silent client from a quiet one. */
  clientAliveSeconds: z.int().positive().max(3600).default(5),
  /** A JWKS file: the authority's public keys, which licences are verified against. */
  authorityKeys: absolutePath,
});
export type ApplianceConfig = z.infer<typeof applianceConfigSchema>;

export const defaultConfigPath = '/etc/sallyport/appliance.json';

/** Throws COMMAND_FAILED when the file is missing or wrong: nothing works without it. */
export function loadConfig(path: string): ApplianceConfig {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new AppError('COMMAND_FAILED', `cannot read the configuration ${path}`, { cause });
  }
  const parsed = applianceConfigSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError(
    'COMMAND_FAILED',
    `the configuration ${path} is wrong: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
  );
}
