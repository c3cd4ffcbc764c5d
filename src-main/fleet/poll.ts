import { callEvery } from '../../src-shared/node/callEvery.ts';
import type { Log } from '../base/log.ts';
import type { Links } from '../links/links.ts';
import { createAnswers } from './answers.ts';
import { createDirectReads } from './directReads.ts';
import type { Observations } from './observations.ts';
import { createPollRounds } from './pollRounds.ts';
import { createPush } from './push.ts';

const tickMs = 500;

/**
 * Listens to each connected appliance that is followed. Polls those that don't tell what changes: every
 * five seconds, or less often if their answers are invalid or slow. Starts no poll while the previous one is running.
 */
export function createPoll(options: {
  links: Links;
  observations: Observations;
  applianceIds: () => string[];
  /** Whether a page or command follows the appliance. Its link may also be up for a single command. */
  isFollowed: (applianceId: string) => boolean;
  onObserved: (applianceId: string) => void;
  clock: () => number;
  /**
   * Milliseconds of a clock that a change of the system time does not affect, so that the next poll is not
   * moved.
   */
  steadyClock: () => number;
  log: Log;
}) {
  const { links, isFollowed, steadyClock, log } = options;
  const driverOf = (id: string) => links.of(id).driver;
  const answers = createAnswers({
    ...options,
    linkedSince: (id) => {
      const link = links.state(id);
      return link.state === 'connected' ? link.since : null;
    },
  });
  const rounds = createPollRounds({ answers, driverOf, steadyClock, log });
  const push = createPush({
    driverOf,
    onSaid: answers.storeSaid,
    // The next tick polls it. A kit without the command says so at once, and is polled without waiting for that.
    onEnded: (id, hasSaid) => {
      if (hasSaid) rounds.makeDue(id);
      else if (!rounds.hasStarted(id) && links.state(id).state === 'connected') void rounds.start(id, true);
    },
    steadyClock,
    log,
  });

  function tick(): void {
    for (const id of options.applianceIds()) {
      if (!isFollowed(id) || links.state(id).state !== 'connected') {
        push.stop(id);
        continue;
      }
      push.start(id);
      if (push.isLive(id) || rounds.running(id) !== undefined) continue;
      if (!rounds.hasStarted(id) && push.isAwaited(id)) continue;
      rounds.startIfDue(id);
    }
  }
  const stopTimer = callEvery({
    everyMs: tickMs,
    work: tick,
    onError: (thrown) => log.error({ err: thrown }, 'poll failed'),
  });

  /** Asks an appliance at once when its link comes up, even if the last poll was recent. */
  const stopListening = links.onChange((id, state) => {
    // Don't do this for an appliance with invalid answers, because it could then force a poll by dropping its
    // link.
    if (state.state !== 'connected') {
      if (rounds.slowedToMs(id) === null) rounds.makeDue(id);
    } else if (isFollowed(id) && !rounds.hasStarted(id)) {
      push.start(id);
      if (!push.isAwaited(id)) void rounds.start(id, true);
    }
  });
  function restart(id: string): void {
    answers.restart(id);
    rounds.forget(id);
    push.forget(id);
  }
  const stopRemoved = links.onRemoved(restart);

  return {
    ...createDirectReads({ answers, rounds, driverOf, steadyClock }),
    /** Ignores the answers of running commands, because another machine replaced the appliance. */
    restart,
    slowedToMs: rounds.slowedToMs,
    close: () => {
      answers.close();
      push.close();
      stopTimer();
      stopListening();
      stopRemoved();
    },
  };
}
