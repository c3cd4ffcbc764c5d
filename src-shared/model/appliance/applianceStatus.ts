import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { licencePingsSchema } from '../licence/licencePings.ts';

const text = z.string().max(512);

/** A problem on the appliance that concerns neither a service nor a disk. `code`: of docs/errors.md, if it has one. */
const findingSchema = z.object({ name: text, code: z.string().max(64).optional(), detail: text });

const serviceSchema = z.object({
  name: text,
  state: z.enum(['running', 'stopped', 'unknown']),
  detail: text.nullable(),
});

const printedStatusSchema = z.object({
  contract: z.literal(1),
  identity: z.object({ id: z.uuid(), hostname: text }),
  versions: z.object({ appliance: text, kit: text, sshd: text.nullable(), os: text.nullable() }),
  clock: z.object({ now: instantSchema, ranBackFrom: instantSchema.nullable() }),
  /** In a cluster: the address on which forwards listen in addition to loopback. */
  listenAddress: text.optional(),
  uptimeSeconds: z.number().nonnegative(),
  disks: z
    .array(
      z.object({ path: text, totalBytes: z.number().nonnegative(), freeBytes: z.number().nonnegative() }),
    )
    .max(64),
  services: z.array(serviceSchema).max(64),
  /** Absent from older kits. */
  findings: z.array(findingSchema).max(64).default([]),
  /** In connected mode: its licence pings. Absent from older kits. */
  pings: licencePingsSchema.optional(),
  logs: z.object({ syslog: text }),
});
/** Findings that older kits list as stopped services. */
const findingsOfOlderKits: ReadonlySet<string> = new Set(['licence clock', 'cluster address']);

const isFinding = ({ name }: ServiceItem) => findingsOfOlderKits.has(name);

function separateFindings(status: z.infer<typeof printedStatusSchema>): typeof status {
  const { services, findings } = status;
  const older = services
    .filter(isFinding)
    .map(({ name, detail }) => ({ name, detail: detail ?? 'not working' }));
  return {
    ...status,
    services: services.filter((service) => !isFinding(service)),
    findings: [...findings, ...older],
  };
}

/** What `ke_status --json` prints **[ours]**. `contract` is the version of all JSON that the kit prints. */
export const applianceStatusSchema = printedStatusSchema.transform(separateFindings);
export type ApplianceStatus = z.infer<typeof applianceStatusSchema>;

/**
 * The path of an appliance's log. Debian's usual path **[doc]** if the appliance has not reported its path
 * yet.
 */
export function syslogPath(status: ApplianceStatus | null): string {
  return status?.logs.syslog ?? '/var/log/syslog';
}

type ServiceItem = z.infer<typeof serviceSchema>;

/** Services that have a different name in service(8) **[ours]**. */
const serviceNames: ReadonlyMap<string, string> = new Map([
  ['sshd', 'ssh'],
  ['rsyslogd', 'rsyslog'],
]);

/** A sentence for users that says which service is not running, and why if known. */
export function describeStoppedService({ name, detail }: ServiceItem): string {
  return `${name} is not running${detail === null ? '' : `: ${detail}`}`;
}

/** The appliance chooses the service names, so only plain names may be used in a command line. */
const plainName = /^[a-z0-9][a-z0-9@._-]{0,63}$/iu;

/** Advice for stopped services. service(8) works with and without systemd. */
export function adviseOnStoppedServices(stopped: readonly ServiceItem[]): string {
  if (!stopped.every(({ name }) => plainName.test(name))) return 'Start them on the appliance.';
  const starts = stopped.map(({ name }) => `service ${serviceNames.get(name) ?? name} start`);
  return `Run on the appliance as root: ${starts.join('; ')}.`;
}
