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

/** Converts the address to the kernel's notation, so that it can be compared with listening addresses. */
const memberAddressSchema = z
  .union([z.ipv4(), z.ipv6()])
  .transform(canonicalAddress)
  .refine(isMemberAddress, 'must be an address of this computer that other computers can reach');

const absolutePath = z.string().regex(/^\/[^\0\n]*$/, 'must be an absolute path');

/**
 * Settings of the appliance in `/etc/sallyport/appliance.json` **[ours]**. All users may read the file, so it
 * contains no secrets.
 */
export const applianceConfigSchema = z.strictObject({
  applianceId: z.uuid(),
  applianceVersion: z.string().regex(/^\d+\.\d+\.\d+$/, 'must be a version like 1.14.4'),
  /** The name that is shown for the appliance. By default the machine's host name. */
  hostname: z.string().min(1).max(253).optional(),
  stateFolder: absolutePath,
  /** Folder for data that a restart may delete: logins and announcements. */
  runFolder: absolutePath,
  connectUser: z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be the name of a system user'),
  syslog: absolutePath,
  portRange: portRangeSchema
    .refine((range) => rangeSize(range) <= portCount, `must have at most ${portCount} ports`)
    .default({ first: firstPort, last: lastPort }),
  /**
   * In a cluster: forwards listen on this address in addition to loopback, so that other members reach them
   * **[doc]**. Only a firewall keeps other computers out (docs/cluster.md).
   */
  listenAddress: memberAddressSchema.optional(),
  defaultQuota: z.int().positive().default(defaultQuota),
  /** sshd's ClientAliveInterval for tenants: how often sshd checks that an idle client is alive. */
  clientAliveSeconds: z.int().positive().max(3600).default(5),
  /** A JWKS file with the public keys that verify licences. */
  authorityKeys: absolutePath,
  /** The configuration of the platform **[doc]**. */
  configuration: absolutePath.default('/data/kloudless.yml'),
  /** The licence authority. Absent on an appliance that never reaches it. */
  authority: z
    .strictObject({
      url: z
        .url({ protocol: /^https$/u })
        .regex(/^https:\/\/[^/?#@]+\/?$/u, 'must be like https://licences.example'),
      /** A PEM file with the only certificates that are trusted; by default those of Node. */
      caFile: absolutePath.optional(),
      /** `offline`: only through a port that the console lends (`--via`), and without pings. */
      mode: z.enum(['connected', 'offline']).default('connected'),
      /** The address under which others see the appliance, for the ping. */
      publicIp: z.union([z.ipv4(), z.ipv6()]).optional(),
    })
    .optional(),
});
export type ApplianceConfig = z.infer<typeof applianceConfigSchema>;

export const defaultConfigPath = '/etc/sallyport/appliance.json';

/** Throws COMMAND_FAILED if the file is missing or invalid, because no command works without it. */
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
    `the configuration ${path} is not valid: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
  );
}
