import { maxApplianceRefusals } from '../../../src-shared/model/tenants/listLimits.ts';
import type { ApplianceRefusal } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import { hourMs, minuteMs } from '../../../src-shared/base/time.ts';
import type { SshdLine } from './sshdLog.ts';

const maxText = 2048;
const maxReason = 300;

/** `validMs`: how long the cause counts after its last line, if nothing shows that it is over. */
type Cause = Pick<ApplianceRefusal, 'scope' | 'reason'> & { validMs: number };

/** A cause that stays until an administrator removes it. Each attempt to log in shows it again. */
const lasting = (reason: string): Cause => ({ scope: 'everyone', reason, validMs: hourMs });
/** A cause that may pass without anyone's doing. */
const passing = (reason: string): Cause => ({ scope: 'everyone', reason, validMs: 10 * minuteMs });
/** While sshd drops connections, it logs at least one line in five minutes. */
const dropping: Cause = {
  scope: 'some',
  reason: 'sshd drops new connections, because too many others have not logged in yet (MaxStartups)',
  validMs: 6 * minuteMs,
};

/**
 * Messages that name a cause on the appliance itself. Patterns match from the start of the message, and sshd
 * logs unknown user names, which a client chooses, in other messages.
 */
function listCauses(user: string): readonly (readonly [RegExp, (...parts: string[]) => Cause])[] {
  return [
    [
      new RegExp(`^User ${user} (?:from \\S{1,64} )?not allowed because (.{1,200})$`, 'u'),
      (why) => lasting(`sshd doesn’t let the user ${user} log in: ${why}`),
    ],
    [
      // PAM's modules log why before sshd logs that PAM refused the account.
      new RegExp(`^pam_\\w{1,32}\\(sshd:account\\): (.{0,60}\\b${user}\\b.{0,140})$`, 'u'),
      (why) => lasting(`PAM refuses the user ${user}: ${why}`),
    ],
    [
      new RegExp(`^(?:fatal: )?Access denied for user ${user} by PAM account configuration\\b`, 'u'),
      () => lasting(`PAM refuses the user ${user}`),
    ],
    [
      /^(?:error: )?Unsafe AuthorizedKeysCommand "?([^":]{1,100})"?: (.{1,200})$/u,
      (command, why) => lasting(`sshd doesn’t run the key look-up ${command}: ${why}`),
    ],
    [
      /^(?:error: )?(AuthorizedKeysCommandUser .{1,100} not found)\b/u,
      (why) => lasting(`sshd doesn’t run the key look-up: ${why}`),
    ],
    [
      /^(?:error: )?AuthorizedKeysCommand (\/\S{1,100}) .{0,8000}(failed, status \d{1,3}|(?:terminated by|exited on) signal \d{1,2})$/u,
      (command, why) => passing(`the key look-up ${command} ${why}`),
    ],
    [
      /^(?:error|fatal): (?:\w{1,40}: )?fork(?: of unprivileged child failed)?(?:: (.{1,100}))?$/u,
      (why = 'no reason given') => passing(`sshd can’t start a process: ${why}`),
    ],
    [/^(?:error: )?(?:beginning|in) MaxStartups throttling\b/u, () => dropping],
    [/^drop connection #\d+ from .{1,120} past MaxStartups$/u, () => dropping],
  ];
}

function findCause(message: string, causes: ReturnType<typeof listCauses>): Cause | null {
  for (const [pattern, causeOf] of causes) {
    const matched = pattern.exec(message);
    if (matched !== null) return causeOf(...matched.slice(1));
  }
  return null;
}

type Found = { refusal: ApplianceRefusal; validUntil: number };

/**
 * Why sshd keeps tenants from logging in for a reason of the appliance itself, newest first. A later login of
 * any tenant shows that the causes that concern everyone are over.
 */
export function findApplianceRefusals(
  lines: readonly SshdLine[],
  known: { connectUser: string; now: number },
): ApplianceRefusal[] {
  const causes = listCauses(known.connectUser);
  const accepted = `Accepted publickey for ${known.connectUser} from `;
  const found = new Map<string, Found>();
  const end = (scope: ApplianceRefusal['scope']) => {
    for (const [reason, { refusal }] of found) if (refusal.scope === scope) found.delete(reason);
  };
  for (const { at, message, line, times } of lines) {
    if (message.startsWith(accepted)) end('everyone');
    else if (message.startsWith('exited MaxStartups throttling')) end('some');
    const cause = findCause(message, causes);
    if (cause === null) continue;
    const { scope, validMs } = cause;
    const reason = cause.reason.slice(0, maxReason);
    const before = found.get(reason)?.refusal;
    const lastAt = new Date(at).toISOString();
    // Last in the map, because it is the newest.
    found.delete(reason);
    found.set(reason, {
      refusal: {
        scope,
        reason,
        count: (before?.count ?? 0) + times,
        since: before?.since ?? lastAt,
        lastAt,
        line: line.trimEnd().slice(0, maxText),
      },
      validUntil: at + validMs,
    });
  }
  return [...found.values()]
    .filter(({ validUntil }) => validUntil >= known.now)
    .map(({ refusal }) => refusal)
    .toReversed()
    .slice(0, maxApplianceRefusals);
}
