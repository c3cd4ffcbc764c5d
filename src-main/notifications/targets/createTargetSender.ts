import { AppError } from '../../../src-shared/errors.ts';
import { race } from '../../../src-shared/base/race.ts';
import { minuteMs } from '../../../src-shared/base/time.ts';
import type { Target, TargetKind } from '../../../src-shared/model/notifications/targets.ts';
import { createDesktopSender } from './desktopSender.ts';
import { createSyslogTargetSender } from './syslogTargetSender.ts';
import type { TargetSender } from './targetSender.ts';
import { createWebhookSender } from './webhookSender.ts';

const senders: Record<TargetKind, (target: Target) => TargetSender> = {
  desktop: createDesktopSender,
  webhook: createWebhookSender,
  syslog: createSyslogTargetSender,
};

/** A target that takes a part now and then must not hold a batch for ever **[ours]**. */
const maxSendMs = 2 * minuteMs;

/** The sender of a target, which gives up after two minutes. */
export function createTargetSender(target: Target): TargetSender {
  const sender = senders[target.kind](target);
  return {
    send: async (messages, signal) => {
      const ending = new AbortController();
      try {
        await race(sender.send(messages, ending.signal), {
          signal,
          timeoutMs: maxSendMs,
          onTimeout: () => {
            throw new AppError('DESTINATION_UNREACHABLE', `${target.name} did not take it within 2 min.`);
          },
        });
      } catch (thrown) {
        ending.abort();
        throw thrown;
      }
    },
    close: sender.close,
  };
}
