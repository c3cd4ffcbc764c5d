import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';

const text = z.string().max(512);

/** Something that is wrong on the appliance and is neither a service nor a disk. */
const findingSchema = z.object({ name: text, detail: text });

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
  /** Of a cluster member: where its forwards listen besides loopback. */
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
  logs: z.object({ syslog: text }),
});
/** Findings that older kits list among the services, as stopped. */
const findingsOfOlderKits: ReadonlySet<string> = new Set(['licence clock', 'cluster address']);

const isFinding = ({ name }: ServiceItem) => findingsOfOlderKits.has(name);

function separateFindings(status: z.infer<typeof printedStatusSchema>): typeof status {
  const { services, findings } = status;
  const older = services
    .filter(isFinding)
    .map(({ name, detail }) => ({ name, detail: detail ?? 'out of order' }));
  return {
    ...status,
    services: services.filter((service) => !isFinding(service)),
    findings: [...findings, ...older],
  };
}

/** What `ke_status --json` prints **[ours]**. `contract` is the version of all JSON that the kit prints. */
export const applianceStatusSchema = printedStatusSchema.transform(separateFindings);
export type ApplianceStatus = z.infer<typeof applianceStatusSchema>;

type ServiceItem = z.infer<typeof serviceSchema>;

/** The name that service(8) starts a service by, if it is another than the service's own **[ours]**. */
const serviceNames: ReadonlyMap<string, string> = new Map([
  ['sshd', 'ssh'],
  ['rsyslogd', 'rsyslog'],
]);

/** What a stopped service means, for people. */
export function stoppedText({ name, detail }: ServiceItem): string {
  return `${name} is not running${detail === null ? '' : `: ${detail}`}`;
}

/** The appliance chooses the names: what is no plain name must not come near a command line. */
const plainName = /^[a-z0-9][a-z0-9@._-]{0,63}$/iu;

/** What to do about stopped services; service(8) works with and without systemd. */
export function stoppedAdvice(stopped: readonly ServiceItem[]): string {
  if (!stopped.every(({ name }) => plainName.test(name))) return 'Start them on the appliance.';
  const starts = stopped.map(({ name }) => `service ${serviceNames.get(name) ?? name} start`);
  return `Run there as root: ${starts.join('; ')}.`;
}
