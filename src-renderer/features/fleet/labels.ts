import { errorCodes } from '../../../src-shared/errorCodes.ts';
import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import { licenceStates, type LicenceShowOutput } from '../../../src-shared/model/licence/licence.ts';
import type { Sudo } from '../../../src-shared/model/appliance/applianceEntry.ts';
import {
  idleReasons,
  type AuthenticationStep,
  type LinkState,
} from '../../../src-shared/model/appliance/link.ts';
import { ageMs, formatDuration } from '../../../src-shared/base/time.ts';
import type { ToneName } from '../../ui/feedback/freshness.tsx';

export const sudoLabels: Record<Sudo, string> = {
  nopasswd: 'Passwordless sudo',
  password: 'Sudo with password',
  none: 'No sudo (the login user may run the commands without it)',
};

export const methodLabels: Record<AuthenticationStep['method'], string> = {
  agent: 'SSH agent',
  'key-file': 'Key file',
  password: 'Password',
  'keyboard-interactive': 'One-time code',
  none: 'No method',
  message: 'Message from the server',
};

export type Words = { tone: ToneName; text: string };

/** Describes the link in two or three words. */
export function describeLink(link: LinkState, jumps = 0): Words {
  switch (link.state) {
    case 'connected': {
      const latency = link.latencyMs === null ? '' : ` ${Math.max(1, Math.round(link.latencyMs))} ms`;
      const via = jumps === 0 ? '' : `, via ${jumps === 1 ? 'a jump host' : `${jumps} jump hosts`}`;
      return { tone: 'ok', text: `connected${latency}${via}` };
    }
    case 'idle':
      return {
        tone: 'unknown',
        text: link.reason === undefined ? 'not connected' : idleReasons[link.reason].word,
      };
    case 'connecting':
      return { tone: 'unknown', text: link.isQueued ? 'waiting to connect' : 'connecting' };
    case 'waiting-host-key':
      return { tone: 'warn', text: 'host key needs confirmation' };
    case 'waiting-secret':
      return { tone: 'warn', text: 'waiting for password' };
    case 'retrying':
      return { tone: 'warn', text: `retrying, attempt ${link.attempt}` };
    case 'stopped':
      return { tone: 'bad', text: errorCodes[link.error.code].stoppedLabel ?? 'stopped' };
  }
}

/** Describes the remaining time of the licence. `now` is epoch ms. */
export function describeLicence(licence: LicenceShowOutput | null, now: number): Words {
  if (licence === null) return { tone: 'unknown', text: 'unknown' };
  const until = (instant: string | null): string =>
    instant === null ? '' : formatDuration(Math.max(0, Date.parse(instant) - now));
  const { label, severity } = licenceStates[licence.state];
  const tone = severity ?? (licence.state === 'valid' ? 'ok' : 'off');
  switch (licence.state) {
    case 'valid':
      return { tone, text: until(licence.expiresAt) };
    case 'expiring':
      return { tone, text: `expires in ${until(licence.expiresAt)}` };
    case 'grace':
      return { tone, text: `grace ${until(licence.graceEndsAt)}` };
    case 'expired':
      return {
        tone,
        text:
          licence.expiresAt === null ? label : `expired ${formatDuration(ageMs(licence.expiresAt, now))} ago`,
      };
    case 'missing':
    case 'unverifiable':
    case 'not-required':
      return { tone, text: label };
  }
}

/** Describes the worst problem and counts the others, in one line. */
export function describeHealth(view: Pick<ApplianceView, 'health' | 'observedAt' | 'link'>): Words {
  const { problems, tone } = view.health;
  const [worst] = problems;
  if (worst === undefined) {
    if (view.observedAt === null) return { tone: 'unknown', text: 'no data yet' };
    return { tone: tone === 'ok' ? 'off' : 'unknown', text: tone === 'ok' ? 'nothing' : 'no data' };
  }
  if (worst.code === 'A-1010') return { tone: 'bad', text: 'host key doesn’t match the pinned key' };
  const tunnels = problems.filter((problem) => problem.code.startsWith('T-'));
  const grouped = worst.code.startsWith('T-') && tunnels.length > 1;
  const rest = problems.length - (grouped ? tunnels.length : 1);
  const text = grouped ? `${tunnels.length} tunnels need attention` : worst.text;
  return { tone: worst.severity, text: rest > 0 ? `${text} · ${rest} more` : text };
}
