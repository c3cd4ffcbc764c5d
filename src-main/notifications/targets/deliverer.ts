import { backOffMs, growingDelayMs } from '../../../src-shared/base/backOff.ts';
import type { Clock } from '../../../src-shared/base/clock.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../../src-shared/base/time.ts';
import { toErrorData } from '../../../src-shared/errors.ts';
import type { Notification } from '../../../src-shared/model/notifications/notification.ts';
import {
  buildTargetMessage,
  type TargetMessage,
} from '../../../src-shared/model/notifications/targetMessage.ts';
import {
  targetKinds,
  type Target,
  type TargetState,
} from '../../../src-shared/model/notifications/targets.ts';
import type { Delivery, TargetRows } from './targetRows.ts';
import type { TargetSender } from './targetSender.ts';

/** How often new notifications are looked for **[ours]**. */
const pollMs = secondMs;
/** An older notification is not sent any more **[ours]**. */
const maxAgeMs = dayMs;
/** How many notifications are looked at in one round. */
const maxPending = 500;
/** A message that was refused is tried again after one minute at first, then ever later **[ours]**. */
const firstRefusedMs = minuteMs;
const maxRefusedMs = hourMs;
/** When the program is stopped, what is on its way may still arrive within this time **[ours]**. */
const maxEndMs = secondMs;

type Item = Delivery & { message: TargetMessage };
export type Problem = NonNullable<TargetState['problem']>;

/** What becomes of a notification that is not sent yet. Those of quiet hours wait, and are sent only if still open. */
function decide(
  { quiet, clearedAt, seenAt, raisedAt }: Notification,
  { now, tellsEnd }: { now: number; tellsEnd: boolean },
): 'send' | 'skipped' | 'lost' {
  if (quiet && (clearedAt !== null || seenAt !== null)) return 'skipped';
  if (!tellsEnd && clearedAt !== null) return 'skipped';
  return !quiet && now - Date.parse(raisedAt) > maxAgeMs ? 'lost' : 'send';
}

/** What is not sent to a target yet, by what becomes of it. */
function readPending({ id, kind }: Target, rows: Pick<TargetRows, 'pending'>, now: number) {
  const { tellsEnd } = targetKinds[kind];
  const pending: Record<ReturnType<typeof decide>, Item[]> = { send: [], skipped: [], lost: [] };
  for (const event of ['raised', 'cleared'] as const) {
    if (event === 'cleared' && !tellsEnd) continue;
    for (const notification of rows.pending(id, event, maxPending)) {
      const decision = event === 'raised' ? decide(notification, { now, tellsEnd }) : 'send';
      const message = buildTargetMessage(notification, event);
      pending[decision].push({ notificationId: notification.id, event, message });
    }
  }
  return pending;
}

/** Remembers when a refused message may be tried again. */
function createRefusals(now: () => number) {
  const refused = new Map<string, { count: number; nextAt: number }>();
  return {
    isWaiting: (id: string): boolean => (refused.get(id)?.nextAt ?? 0) > now(),
    add: (id: string): void => {
      const count = (refused.get(id)?.count ?? 0) + 1;
      const delay = growingDelayMs({ failures: count - 1, firstMs: firstRefusedMs, maxMs: maxRefusedMs });
      refused.set(id, { count, nextAt: now() + delay });
    },
    delete: (id: string): void => void refused.delete(id),
  };
}

/** Aborts `ms` after `signal`. */
function abortLater(signal: AbortSignal, ms: number): AbortSignal {
  const later = new AbortController();
  const start = () => void setTimeout(() => later.abort(signal.reason), ms).unref();
  signal.addEventListener('abort', start, { once: true });
  if (signal.aborted) start();
  return later.signal;
}

/** Sends the notifications of the console to one target, each once, and each with its end if the target's kind tells it. */
export function createDeliverer(options: {
  target: Target;
  rows: Pick<TargetRows, 'pending' | 'record' | 'setProblem'>;
  sender: TargetSender;
  isQuietNow: () => boolean;
  clock: Clock;
  onSent: (messages: readonly TargetMessage[]) => void;
  onLost: (messages: readonly TargetMessage[]) => void;
  /** At the end, with what was not sent. Not called if there is nothing. */
  onLeft: (messages: readonly TargetMessage[]) => void;
  /** Null once a message was taken again. */
  onProblem: (problem: Problem | null) => void;
}) {
  const { target, rows, sender, clock } = options;
  const { batch } = targetKinds[target.kind];
  const refusals = createRefusals(clock.now);
  /** Sent, but not recorded, because the disk was full. It must not be sent again. */
  let unrecorded: Item[] = [];
  let problem: Problem | null = null;

  const record = (items: readonly Item[], outcome: 'sent' | 'skipped' | 'lost') => {
    if (items.length > 0) rows.record(target.id, items, { outcome, at: new Date(clock.now()).toISOString() });
  };

  /** What was reported as sent is recorded, so that a killed program does not repeat it. */
  function recordSent(): void {
    if (unrecorded.length === 0) return;
    record(unrecorded, 'sent');
    options.onSent(unrecorded.map(({ message }) => message));
    unrecorded = [];
  }

  /** Records what is not to be sent, and returns what is, oldest first. */
  function findDue(): Item[] {
    const { send, skipped, lost } = readPending(target, rows, clock.now());
    record(skipped, 'skipped');
    record(lost, 'lost');
    for (const { message } of [...skipped, ...lost]) refusals.delete(message.id);
    if (lost.length > 0) options.onLost(lost.map(({ message }) => message));
    return send;
  }

  function setProblem(next: Problem | null): void {
    const isSame = next?.message === problem?.message;
    problem = next;
    if (isSame) return;
    options.onProblem(next);
    if (next !== null) rows.setProblem(target.id, next);
  }

  /** Sends one batch. Returns whether there was any. Rejects with the target's or the store's error. */
  async function deliver(signal: AbortSignal): Promise<boolean> {
    recordSent();
    if (options.isQuietNow()) return false;
    const items = findDue()
      .filter(({ message }) => !refusals.isWaiting(message.id))
      .slice(0, batch);
    if (items.length === 0) return false;
    const messages = items.map(({ message }) => message);
    try {
      await sender.send(messages, signal);
    } catch (thrown) {
      if (toErrorData(thrown).code === 'DESTINATION_REFUSED') for (const { id } of messages) refusals.add(id);
      throw thrown;
    }
    for (const { id } of messages) refusals.delete(id);
    unrecorded = items;
    recordSent();
    setProblem(null);
    return true;
  }

  function noteProblem(thrown: unknown): void {
    const { code, message } = toErrorData(thrown);
    try {
      setProblem({ code, message, at: new Date(clock.now()).toISOString() });
    } catch {
      // The store is what fails; the caller was told.
    }
  }

  /** What was not sent when the program is stopped, also what was on its way. */
  function reportLeft(): void {
    try {
      recordSent();
      const messages = findDue().map(({ message }) => message);
      if (messages.length > 0) options.onLeft(messages);
    } catch (thrown) {
      noteProblem(thrown);
    }
  }

  return {
    /**
     * Sends what there is, and what comes, until `signal` aborts. Then ends within a second or so, and says what is left. Never
     * rejects.
     */
    run: async (signal: AbortSignal): Promise<void> => {
      const abandoned = abortLater(signal, maxEndMs);
      let failures = 0;
      while (!signal.aborted) {
        try {
          const hasSent = await deliver(abandoned);
          if (hasSent) failures = 0;
          else await clock.sleep(pollMs, signal);
        } catch (thrown) {
          failures += 1;
          sender.close();
          if (!abandoned.aborted) noteProblem(thrown);
          await clock.sleep(backOffMs(failures, Math.random), signal);
        }
      }
      sender.close();
      reportLeft();
    },
  };
}
