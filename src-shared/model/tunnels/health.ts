import { z } from 'zod';
import { describeStoppedService, type ApplianceStatus } from '../appliance/applianceStatus.ts';
import { isFreshAnswer, staleAfterMs } from './observedLayers.ts';
import type { Tunnel } from './chain.ts';
import { needsAttention } from './tone.ts';
import { licenceStates, type LicenceShowOutput } from '../licence/licence.ts';
import { findSeenClockProblems } from '../licence/clockProblems.ts';
import type { LinkState } from '../appliance/link.ts';
import { quoteText, shorten } from '../../base/machineText.ts';
import { ageMs, formatDuration, isOlderThan } from '../../base/time.ts';

const textLength = 512;

/** A problem of an appliance. `code` is a tunnel code, `A-…` (appliance) or `L-…` (licence) **[ours]**. */
export const problemSchema = z.object({
  code: z.string().max(32),
  severity: z.enum(['bad', 'warn']),
  text: z.string().max(textLength),
  clientId: z.string().nullable(),
  port: z.int().nullable(),
});
export type Problem = z.infer<typeof problemSchema>;

export const healthSchema = z.object({
  /** `ok` only if the appliance is connected, has answered recently and has no problems. */
  tone: z.enum(['ok', 'warn', 'bad', 'unknown']),
  problems: z.array(problemSchema),
});
export type Health = z.infer<typeof healthSchema>;

const oneSessionText =
  'its sshd allows one session per connection (MaxSessions 1), so the log is read between commands';

function startupTextProblem(text: string): string {
  return `a start-up file of the login shell, such as .bashrc, prints text before each answer: ${quoteText(text)}; it should print only in a terminal`;
}

/** Share of free disk space below which a warning is shown **[ours]**. */
const lowDiskShare = 0.1;

function linkProblems(link: LinkState, observedAt: string | null, now: number): Problem[] {
  const problem = (code: string, severity: Problem['severity'], text: string): Problem => ({
    code,
    severity,
    text,
    clientId: null,
    port: null,
  });
  switch (link.state) {
    case 'connected':
      if (observedAt !== null && isOlderThan(observedAt, staleAfterMs, now)) {
        return [problem('A-1003', 'warn', `no answer for ${formatDuration(ageMs(observedAt, now))}`)];
      }
      return [
        ...(link.algorithms.weak.length === 0
          ? []
          : [problem('A-1014', 'warn', `weak SSH algorithms in use: ${link.algorithms.weak.join(', ')}`)]),
        ...(link.notes?.maxSessions === 1 ? [problem('A-1015', 'warn', oneSessionText)] : []),
        ...(typeof link.notes?.startupText === 'string'
          ? [problem('A-1016', 'warn', startupTextProblem(link.notes.startupText))]
          : []),
      ];
    case 'retrying':
      return [problem('A-1001', 'warn', link.error.message)];
    case 'stopped':
      return [
        problem(`A-1${link.error.code === 'HOST_KEY_CHANGED' ? '010' : '011'}`, 'bad', link.error.message),
      ];
    case 'waiting-host-key':
      return [problem('A-1012', 'warn', `host key of ${link.hop} needs confirmation`)];
    case 'waiting-secret':
      return [problem('A-1013', 'warn', `a secret for ${link.hop} is needed`)];
    case 'connecting':
      return link.after === undefined ? [] : [problem('A-1001', 'warn', link.after.message)];
    case 'idle':
      return [];
  }
}

function licenceProblems(licence: LicenceShowOutput | null, now: number): Problem[] {
  const severity = licence === null ? null : licenceStates[licence.state].severity;
  if (licence === null || severity === null) return [];
  const left =
    licence.expiresAt === null
      ? ''
      : `, ${formatDuration(Math.max(0, Date.parse(licence.expiresAt) - now))} left`;
  const text =
    licence.state === 'expiring' ? `licence expires${left}` : `licence ${licence.state}: ${licence.reason}`;
  return [
    {
      code: `L-${licence.state}`,
      severity,
      text,
      clientId: null,
      port: null,
    },
  ];
}

function statusProblems(status: ApplianceStatus | null): Problem[] {
  if (status === null) return [];
  const problems: Problem[] = [];
  const add = (code: string, severity: Problem['severity'], text: string) =>
    problems.push({ code, severity, text, clientId: null, port: null });
  for (const service of status.services)
    if (service.state === 'stopped') add('A-2001', 'bad', describeStoppedService(service));
    else if (service.state === 'unknown')
      add(
        'A-2001',
        'warn',
        `${service.name} may have stopped${service.detail === null ? '' : `: ${service.detail}`}`,
      );
  for (const { name, detail } of status.findings) add('A-2004', 'bad', `${name}: ${detail}`);
  for (const disk of status.disks) {
    if (disk.totalBytes > 0 && disk.freeBytes / disk.totalBytes < lowDiskShare) {
      add(
        'A-2002',
        'warn',
        `${disk.path} has ${Math.round((disk.freeBytes / disk.totalBytes) * 100)} % free`,
      );
    }
  }
  return problems;
}

function clockProblems(input: {
  status: ApplianceStatus | null;
  licence: LicenceShowOutput | null;
  statusSeenAt?: string | null;
}): Problem[] {
  const { status, licence, statusSeenAt = null } = input;
  const problems = findSeenClockProblems({ status, licence, statusSeenAt });
  return problems.map((problem) => ({ ...problem, clientId: null, port: null }));
}

function failureProblems(failure: { command: string; error: string } | null): Problem[] {
  if (failure === null) return [];
  const text = `${failure.command}: ${failure.error}`.slice(0, 512);
  return [{ code: 'A-1020', severity: 'warn', text, clientId: null, port: null }];
}

function paceProblems(slowedToMs: number | null): Problem[] {
  if (slowedToMs === null) return [];
  const text = `its answers are slow or can’t be read, so the console polls it only every ${slowedToMs / 1000} s; Refresh polls it now`;
  return [{ code: 'A-1021', severity: 'warn', text, clientId: null, port: null }];
}

/** Determines the health of an appliance, for all pages, commands and exports. `now` is epoch ms. */
export function diagnoseAppliance(input: {
  link: LinkState;
  observedAt: string | null;
  status: ApplianceStatus | null;
  /** When the status arrived, by this computer's clock. */
  statusSeenAt?: string | null;
  licence: LicenceShowOutput | null;
  /** A command whose output was unreadable, and why. */
  failure?: { command: string; error: string } | null;
  /** The longer polling interval, in ms, that is used after bad answers. */
  slowedToMs?: number | null;
  tunnels: readonly Tunnel[];
  now: number;
}): Health {
  const link = linkProblems(input.link, input.observedAt, input.now);
  const tunnels = input.tunnels.flatMap(({ tone, code, clientId, port, word }): Problem[] => {
    if (!needsAttention(tone)) return [];
    const text = `${clientId}${port === null ? '' : ` ${port}`}: ${word}`;
    return [{ code, severity: tone, text, clientId, port }];
  });
  // Without a connection, how it answered before is no problem of its own.
  const isConnected = input.link.state === 'connected';
  const problems = [
    ...link,
    ...tunnels,
    ...licenceProblems(input.licence, input.now),
    ...statusProblems(input.status),
    ...clockProblems(input),
    ...(isConnected ? failureProblems(input.failure ?? null) : []),
    ...(isConnected ? paceProblems(input.slowedToMs ?? null) : []),
  ];
  problems.sort((a, b) => Number(a.severity === 'warn') - Number(b.severity === 'warn'));
  return {
    tone: toneOf(input, problems),
    problems: problems.map((problem) => ({ ...problem, text: shorten(problem.text, textLength) })),
  };
}

function toneOf(
  input: { link: LinkState; observedAt: string | null; licence: LicenceShowOutput | null; now: number },
  problems: readonly Problem[],
): Health['tone'] {
  if (problems.some((problem) => problem.severity === 'bad')) return 'bad';
  if (problems.length > 0) return 'warn';
  const { link, observedAt, licence, now } = input;
  const isSeen = observedAt !== null && licence !== null && isFreshAnswer(link, observedAt, now);
  return isSeen ? 'ok' : 'unknown';
}
