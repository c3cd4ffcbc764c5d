import { z } from 'zod';
import { instantSchema } from './time.ts';

const text = z.string().max(512);

/** What `ke_status --json` prints **[ours]**. `contract` is the version of all JSON that the kit prints. */
export const applianceStatusSchema = z.object({
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
  services: z
    .array(
      z.object({ name: text, state: z.enum(['running', 'stopped', 'unknown']), detail: text.nullable() }),
    )
    .max(64),
  logs: z.object({ syslog: text }),
});
export type ApplianceStatus = z.infer<typeof applianceStatusSchema>;

type ServiceItem = ApplianceStatus['services'][number];

/** The programs among `services`, each with the name that service(8) starts it by **[ours]**. */
const daemons: ReadonlyMap<string, string> = new Map([
  ['sshd', 'ssh'],
  ['rsyslogd', 'rsyslog'],
  ['sallyport', 'sallyport'],
]);

/** What a stopped item means, for people: of what is no program, its own detail alone. */
export function stoppedText({ name, detail }: ServiceItem): string {
  if (daemons.has(name)) return `${name} is not running${detail === null ? '' : `: ${detail}`}`;
  return detail === null ? `${name} is out of order` : `${name}: ${detail}`;
}

/** What to do about stopped items; service(8) works with and without systemd. */
export function stoppedAdvice(stopped: readonly ServiceItem[]): string {
  const starts = stopped.flatMap(({ name }) => {
    const service = daemons.get(name);
    return service === undefined ? [] : [`service ${service} start`];
  });
  return [
    ...(starts.length === 0 ? [] : [`Run there as root: ${starts.join('; ')}.`]),
    ...(starts.length === stopped.length ? [] : ['Correct there what the evidence names.']),
  ].join(' ');
}
