import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { connectModes } from '../../../../src-shared/model/appliance/connectModes.ts';
import type { LinkState } from '../../../../src-shared/model/appliance/link.ts';
import {
  describeNotification,
  subjectText,
  type Notification,
} from '../../../../src-shared/model/notifications/notification.ts';
import type { TargetMessage } from '../../../../src-shared/model/notifications/targetMessage.ts';
import type { Target } from '../../../../src-shared/model/notifications/targets.ts';
import { secondMs } from '../../../../src-shared/base/time.ts';
import { boundHeap } from '../../../base/boundHeap.ts';
import type { Services } from '../../../services.ts';
import { linkError } from '../../../ssh/session/linkError.ts';
import { formatValue, type Output } from '../output.ts';
import { stopSignal } from '../stopSignal.ts';
import { noAppliancesText, withConsole, type Globals } from '../withConsole.ts';
import { noTargetsText } from './notificationTargets.ts';

/** States in which a link comes up; they are no news. */
const passing: ReadonlySet<LinkState['state']> = new Set(['connecting', 'idle']);

/** Prints which appliances are seen, and which are not. Returns the function that ends it. */
function printAppliances({ inventory, links }: Services, output: Output): () => void {
  const last = new Map<string, string>();
  return links.onChange((id, state) => {
    if (passing.has(state.state)) return;
    const entry = inventory.list().find((known) => known.id === id);
    if (entry === undefined) return;
    const error = linkError(entry, state);
    const text =
      error === null ? 'is watched' : `can’t be seen: ${formatValue(error.message)} (${error.code})`;
    if (last.get(id) === text) return;
    last.set(id, text);
    output.line(
      {
        event: error === null ? 'seen' : 'unseen',
        name: entry.name,
        problem: error === null ? null : { code: error.code, message: error.message },
      },
      () => `${entry.name}: ${text}`,
    );
  });
}

/** Prints what becomes of notifications at the targets. Returns the function that ends it. */
function printTargets({ notificationTargets }: Services, output: Output): () => void {
  const print =
    (event: 'sent' | 'lost', text: string) => (target: Target, messages: readonly TargetMessage[]) => {
      for (const { title, id } of messages)
        output.line(
          { event, target: target.name, id, title },
          () => `${target.name}: ${text}: ${formatValue(title)}`,
        );
    };
  const stops = [
    notificationTargets.onSent(print('sent', 'sent')),
    notificationTargets.onLost(print('lost', 'too old to be sent')),
    notificationTargets.onLeft(({ name }, messages) =>
      output.line(
        { event: 'left', target: name, messages: messages.map(({ id, title }) => ({ id, title })) },
        () =>
          `${name}: ${messages.length} not sent yet; the next sallyport watch sends them: ${messages
            .map(({ title }) => formatValue(title))
            .join('; ')}`,
      ),
    ),
    notificationTargets.onProblem(({ name }, problem) =>
      output.line({ event: 'target', target: name, problem }, () =>
        problem === null
          ? `${name}: takes notifications again`
          : `${name}: ${formatValue(problem.message)} (${problem.code})`,
      ),
    ),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Prints notifications as they are raised and as they clear. Those that were open at the start are only remembered. */
function createNotificationPrinter({ notifications }: Services, output: Output) {
  const known = new Map(notifications.list().notifications.map((one) => [one.id, one.clearedAt !== null]));
  const print = (one: Notification, isOver: boolean) => {
    const { label, resolved } = describeNotification(one);
    const place = [one.applianceName, subjectText(one)].filter((part) => part !== '').join(' · ');
    const text = isOver ? resolved : `${one.text}${one.quiet ? ' (quiet hours)' : ''}`;
    output.line({ event: isOver ? 'cleared' : 'raised', notification: one }, () =>
      formatValue(`${place}: ${label}: ${text}`),
    );
  };
  return () => {
    const { notifications: all } = notifications.list();
    for (const one of all.toReversed()) {
      const isOver = one.clearedAt !== null;
      const before = known.get(one.id);
      known.set(one.id, isOver);
      if (before === undefined) print(one, false);
      if (isOver && before !== true) print(one, true);
    }
    const kept = new Set(all.map(({ id }) => id));
    for (const id of known.keys()) if (!kept.has(id)) known.delete(id);
  };
}

/** Watches all appliances as an open page does, and sends notifications to the targets, until it is stopped. */
export async function runWatch({ output, ...globals }: Globals): Promise<number> {
  boundHeap();
  const code = await withConsole({ output, ...globals }, async (services) => {
    const { inventory, notificationTargets } = services;
    const stop = stopSignal();
    const ending = new AbortController();
    const signal = AbortSignal.any([stop.signal, ending.signal]);
    if (inventory.list().length === 0)
      output.printError(`${noAppliancesText}\nUntil then, nothing is watched.`);
    const onDemand = inventory.list().filter(({ connect }) => !connectModes[connect].isForFleet);
    if (onDemand.length > 0)
      output.printError(
        `Not watched, because they connect on demand: ${onDemand.map(({ name }) => name).join(', ')}.`,
      );
    const targets = notificationTargets.list();
    if (targets.length === 0) output.printError(`${noTargetsText}\nUntil then, notifications are only kept.`);
    const stops = [printAppliances(services, output), printTargets(services, output)];
    const watch = async () => {
      const printNew = createNotificationPrinter(services, output);
      for await (const change of services.watchForNotifications(signal)) if (change.notifications) printNew();
    };
    try {
      // Ends if another program sends the notifications already.
      const sending = notificationTargets.run(signal).finally(() => ending.abort());
      await Promise.all([sending, watch(), Promise.race([stop.wait(), sending])]);
    } finally {
      ending.abort();
      for (const end of stops) end();
    }
    return exitCodes.done;
  });
  // The look-up of a receiver's name can't be cancelled, and would keep the process running for long.
  setTimeout(() => process.exit(code), secondMs).unref();
  return code;
}
