import type { Clock } from '../../../src-shared/base/clock.ts';
import type { createEmitter } from '../../../src-shared/base/emitter.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { callEvery } from '../../../src-shared/node/callEvery.ts';
import type { TargetMessage } from '../../../src-shared/model/notifications/targetMessage.ts';
import type { Target } from '../../../src-shared/model/notifications/targets.ts';
import type { Log } from '../../base/log.ts';
import { createTargetSender } from './createTargetSender.ts';
import { createDeliverer, type Problem } from './deliverer.ts';
import type { TargetRows } from './targetRows.ts';

/** How often targets that were added or removed are looked for. */
const followEveryMs = secondMs;

type Event<Args extends unknown[]> = Pick<ReturnType<typeof createEmitter<Args>>, 'emit'>;

/** Runs a deliverer for each target, also for those that are added later, until `signal` aborts. */
export async function deliverAll(
  options: {
    rows: TargetRows;
    isQuietNow: () => boolean;
    clock: () => number;
    sleep: Clock['sleep'];
    sent: Event<[target: Target, messages: readonly TargetMessage[]]>;
    lost: Event<[target: Target, messages: readonly TargetMessage[]]>;
    left: Event<[target: Target, messages: readonly TargetMessage[]]>;
    problems: Event<[target: Target, problem: Problem | null]>;
    log: Log;
  },
  signal: AbortSignal,
): Promise<void> {
  const { rows, log } = options;
  const running = new Map<string, { ending: AbortController; ended: Promise<void> }>();

  function start(target: Target): void {
    const ending = new AbortController();
    const deliverer = createDeliverer({
      target,
      rows,
      sender: createTargetSender(target),
      isQuietNow: options.isQuietNow,
      clock: { now: options.clock, sleep: options.sleep },
      onSent: (messages) => options.sent.emit(target, messages),
      onLost: (messages) => options.lost.emit(target, messages),
      onLeft: (messages) => options.left.emit(target, messages),
      onProblem: (problem) => options.problems.emit(target, problem),
    });
    running.set(target.id, { ending, ended: deliverer.run(AbortSignal.any([signal, ending.signal])) });
  }
  function follow(): void {
    const targets = new Map(rows.targets().map((target) => [target.id, target]));
    for (const [id, { ending }] of running) {
      if (targets.has(id)) continue;
      running.delete(id);
      ending.abort();
    }
    for (const [id, target] of targets) if (!running.has(id)) start(target);
  }
  follow();
  const stop = callEvery({
    everyMs: followEveryMs,
    work: follow,
    onError: (thrown) => log.error({ err: thrown }, 'could not read the targets'),
  });
  const ended = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => ended.resolve(), { once: true });
  if (signal.aborted) ended.resolve();
  await ended.promise;
  stop();
  await Promise.all([...running.values()].map((one) => one.ended));
}
