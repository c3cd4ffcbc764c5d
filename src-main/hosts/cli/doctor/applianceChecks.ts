import { AppError } from '../../../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import {
  adviseOnStoppedServices,
  describeStoppedService,
  type ApplianceStatus,
} from '../../../../src-shared/model/appliance/applianceStatus.ts';
import type { SyslogLine } from '../../../../src-shared/model/syslog/syslogLine.ts';
import type { AuthenticationStep } from '../../../../src-shared/model/appliance/link.ts';
import { formatDuration, minuteMs, secondMs } from '../../../../src-shared/base/time.ts';
import type { Services } from '../../../services.ts';
import { connectTimeoutMs } from '../../../links/withLink.ts';
import { linkError } from '../../../ssh/session/linkError.ts';
import { programVersion } from '../../../base/programVersion.ts';
import { hopNameOf } from '../../../ssh/transport/hopName.ts';
import {
  failedResult,
  diskFinding,
  notCheckedResult,
  okResult,
  warningResult,
  type Check,
  type Finding,
} from './check.ts';
import { linkFinding } from './linkChecks.ts';

/** A smaller difference may come from the time that the answer took to arrive. */
const minSkewMs = 3 * secondMs;
const maxSkewMs = minuteMs;

function stepsText(steps: readonly AuthenticationStep[]): string {
  return steps.map((step) => `${step.detail} (${step.outcome})`).join('; ');
}

function linkFindings(
  services: Services,
  entry: ApplianceEntry,
  error: AppError | null,
): Record<string, Finding> {
  const pinned = services.inventory.pinned(entry.target);
  const target = hopNameOf(entry.target);
  const steps = services.appliances.explain(entry.id).steps.filter((step) => step.hop === target);
  return linkFinding(error, {
    jumps: entry.jumps.map(hopNameOf),
    target,
    seen: {
      reachable: `${target} answers`,
      'host key': `${pinned?.fingerprint ?? 'it'} matches the pinned key`,
      login: stepsText(steps) || 'logged in',
    },
  });
}

/**
 * Runs a read-only command. Its result shows whether the command is installed and the sudo rule allows it.
 */
async function commandFinding(
  entry: ApplianceEntry,
  command: string,
  ask: () => Promise<string>,
): Promise<Finding> {
  const how = entry.sudo === 'none' ? 'without sudo' : 'with sudo';
  try {
    return okResult(`Works ${how}: ${await ask()}`);
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    if (thrown.code === 'SUDO_REFUSED' || thrown.code === 'NOT_PERMITTED')
      return failedResult(
        thrown.message,
        `Allow ${command} in sudo; install.sh --admin ${entry.target.user} writes the rule.`,
      );
    if (thrown.code === 'COMMAND_MISSING')
      return failedResult(
        thrown.message,
        `Install the kit: run npm run build here, copy out/kit to the appliance, then run as root: sh kit/install.sh --admin ${entry.target.user}. README.md has all steps.`,
      );
    return failedResult(thrown.message, 'docs/errors.md explains this code.');
  }
}

function versionsFinding(status: ApplianceStatus): Finding {
  const { appliance, kit, sshd, os } = status.versions;
  const own = programVersion;
  const text = `appliance ${appliance}, kit ${kit}, console ${own}, ${sshd ?? 'sshd unknown'}, ${os ?? 'system unknown'}`;
  return kit === own
    ? okResult(text)
    : warningResult(text, 'Update the kit or the console, whichever is older.');
}

/** Checks the states of the services that `ke_status` reports. */
export function servicesFinding(status: Pick<ApplianceStatus, 'services'>): Finding {
  const named = (state: string) => status.services.filter((service) => service.state === state);
  const text = status.services.map((service) => `${service.name} ${service.state}`).join(', ');
  const stopped = named('stopped');
  if (stopped.length > 0)
    return failedResult(stopped.map(describeStoppedService).join('; '), adviseOnStoppedServices(stopped));
  if (named('running').length === 0) return notCheckedResult(text || 'The appliance lists no services.');
  return named('unknown').length > 0
    ? warningResult(text, 'State unknown. Check it on the appliance.')
    : okResult(text);
}

function clockFinding(status: ApplianceStatus, observedAt: string): Finding {
  if (status.clock.ranBackFrom !== null)
    return failedResult(
      `The clock was set back from ${status.clock.ranBackFrom}.`,
      'Set the appliance’s clock.',
    );
  const skewMs = Date.parse(status.clock.now) - Date.parse(observedAt);
  const size = Math.abs(skewMs);
  if (size < minSkewMs) return okResult('Same time as this computer.');
  const text = `${formatDuration(size)} ${skewMs > 0 ? 'ahead of' : 'behind'} this computer.`;
  return size > maxSkewMs
    ? warningResult(text, 'Synchronise both clocks with a time server.')
    : okResult(text);
}

/** Checks the last rows of a log that can be read. A gap among them is no fault of the log. */
export function lastRowsFinding(
  rows: readonly Pick<SyslogLine, 'kind' | 'message' | 'time' | 'receivedAt'>[],
): Finding {
  const last = rows.findLast(({ kind }) => kind === 'line');
  const gap = rows.findLast(({ kind }) => kind === 'gap');
  if (last === undefined) return notCheckedResult(gap?.message ?? 'The log is empty.');
  const text = `Last line: ${last.time ?? last.receivedAt}`;
  return okResult(gap === undefined ? text : `${text}. ${gap.message}`);
}

async function logFinding(services: Services, entry: ApplianceEntry): Promise<Finding> {
  try {
    return lastRowsFinding(await services.syslog.readLast(entry.id, 1));
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return failedResult(
      thrown.message,
      'Add the user to a group that can read the log, such as adm, or update the kit.',
    );
  }
}

const commands = ['ke_status', 'ke_manage_remote_networks', 'ke_manage_license_key'] as const;

async function insideFindings(services: Services, entry: ApplianceEntry): Promise<Record<string, Finding>> {
  const { driver } = services.links.of(entry.id);
  let status: ApplianceStatus | null = null;
  let observedAt = '';
  const asks: Record<(typeof commands)[number], () => Promise<string>> = {
    ke_status: async () => {
      status = await driver.status();
      observedAt = new Date().toISOString();
      return `kit ${status.versions.kit}`;
    },
    ke_manage_remote_networks: async () => `${(await driver.remoteNetworks()).tenants.length} tenants`,
    ke_manage_license_key: async () => `licence ${(await driver.licence()).state}`,
  };
  const findings: Record<string, Finding> = {};
  for (const command of commands) findings[command] = await commandFinding(entry, command, asks[command]);
  findings['log'] = await logFinding(services, entry);
  return { ...findings, ...statusFindings(status, observedAt) };
}

/**
 * Checks the other values of `ke_status`. Each finding that the appliance reports becomes a failed check.
 */
export function statusFindings(status: ApplianceStatus | null, observedAt: string): Record<string, Finding> {
  if (status === null) {
    const unknown = notCheckedResult('ke_status did not answer.');
    return { versions: unknown, services: unknown, clock: unknown, disk: unknown };
  }
  const disks = status.disks.map((disk): [string, Finding] => [
    `disk ${disk.path}`,
    diskFinding(disk, disk.path),
  ]);
  return {
    versions: versionsFinding(status),
    services: servicesFinding(status),
    ...Object.fromEntries(
      status.findings.map(({ name, detail }, index) => [
        // The appliance chooses the name. With this prefix, it can't look like one of Sallyport's own checks.
        `finding ${index + 1}: ${name}`,
        failedResult(detail, 'Fix this on the appliance.'),
      ]),
    ),
    clock: clockFinding(status, observedAt),
    ...(disks.length === 0
      ? { disk: notCheckedResult('The appliance lists no disks.') }
      : Object.fromEntries(disks)),
  };
}

function unseenFindings(): Record<string, Finding> {
  const unseen = notCheckedResult('Not connected.');
  const names = [...commands, 'log', 'versions', 'services', 'clock', 'disk'];
  return Object.fromEntries(names.map((name) => [name, unseen]));
}

/** Checks an appliance with read-only commands. */
export async function checkAppliance(services: Services, entry: ApplianceEntry): Promise<Check[]> {
  const release = services.links.hold([entry.id]);
  try {
    const error = linkError(entry, await services.links.waitUntilSettled(entry.id, connectTimeoutMs));
    const findings = {
      ...linkFindings(services, entry, error),
      ...(error === null ? await insideFindings(services, entry) : unseenFindings()),
    };
    return Object.entries(findings).map(([name, finding]) => ({ about: 'appliance', name, ...finding }));
  } finally {
    release();
  }
}
