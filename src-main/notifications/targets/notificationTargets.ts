import { randomUUID } from 'node:crypto';
import { AppError, toErrorData } from '../../../src-shared/errors.ts';
import { parseInput } from '../../../src-shared/parseInput.ts';
import { systemClock, type Clock } from '../../../src-shared/base/clock.ts';
import { createEmitter } from '../../../src-shared/base/emitter.ts';
import { quoteText } from '../../../src-shared/base/machineText.ts';
import {
  buildTestMessage,
  type TargetMessage,
} from '../../../src-shared/model/notifications/targetMessage.ts';
import {
  assertUsableTarget,
  targetSchema,
  type NewTarget,
  type Target,
  type TargetState,
} from '../../../src-shared/model/notifications/targets.ts';
import type { Audit } from '../../audit/audit.ts';
import type { Log } from '../../base/log.ts';
import type { Store } from '../../store/store.ts';
import { createWriterLock } from '../../syslog/store/writerLock.ts';
import type { Problem } from './deliverer.ts';
import { createTargetRows } from './targetRows.ts';

const maxTargets = 20;
const lockName = 'watch.lock';
const lockRetryMs = 300;

/** Load the protocols, which a command that sends nothing does not need. */
const loadSender = () => import('./createTargetSender.ts');
const loadDelivery = () => import('./deliverAll.ts');

/** The targets of notifications: what is sent to each, and sending to them. */
export function createNotificationTargets(options: {
  dataFolder: string;
  store: Store;
  audit: Pick<Audit, 'act'>;
  isQuietNow: () => boolean;
  clock: () => number;
  /** Waits between attempts and between looks for new notifications. */
  sleep?: Clock['sleep'];
  log: Log;
}) {
  const { audit, clock, sleep = systemClock.sleep } = options;
  const rows = createTargetRows(options);
  const sent = createEmitter<[target: Target, messages: readonly TargetMessage[]]>();
  const lost = createEmitter<[target: Target, messages: readonly TargetMessage[]]>();
  const left = createEmitter<[target: Target, messages: readonly TargetMessage[]]>();
  const problems = createEmitter<[target: Target, problem: Problem | null]>();

  /** Throws NOT_FOUND. */
  function find(name: string): Target {
    const found = rows.targets().find((target) => target.name === name);
    if (found === undefined) throw new AppError('NOT_FOUND', `There is no target named ${quoteText(name)}.`);
    return found;
  }

  /** Whether a program sends notifications now: `sallyport watch` of this data folder. */
  function isRunning(): boolean {
    const lock = createWriterLock(options.dataFolder, lockName);
    try {
      return !lock.take();
    } finally {
      lock.close();
    }
  }

  async function test(target: Target) {
    const { createTargetSender } = await loadSender();
    const sender = createTargetSender(target);
    try {
      const message = buildTestMessage(randomUUID(), new Date(clock()).toISOString());
      await sender.send([message], new AbortController().signal);
      return { name: target.name, problem: null };
    } catch (thrown) {
      const { code, message } = toErrorData(thrown);
      return { name: target.name, problem: { code, message } };
    } finally {
      sender.close();
    }
  }

  return {
    list: (): TargetState[] => rows.list(),
    isRunning,
    onSent: sent.on,
    onLost: lost.on,
    /** Called at the end of `run` with what was not sent. The next `run` sends it. */
    onLeft: left.on,
    onProblem: problems.on,
    /** Adds a target. Throws INVALID_INPUT, or ALREADY_EXISTS for a name that is taken. */
    add: async (fields: NewTarget): Promise<Target> => {
      assertUsableTarget(fields);
      if (rows.targets().length >= maxTargets)
        throw new AppError('INVALID_INPUT', `There can be ${maxTargets} targets.`);
      const target = parseInput(targetSchema, { id: randomUUID(), ...fields });
      const { kind, address, addressFile, name } = target;
      const detail = ['added:', kind, addressFile ?? address].join(' ').trim();
      await audit.act({ event: 'notification.target', object: name, detail }, () => rows.add(target));
      return target;
    },
    /** Throws NOT_FOUND. */
    remove: async (name: string): Promise<void> => {
      const { id } = find(name);
      const action = { event: 'notification.target', object: name, detail: 'removed' } as const;
      await audit.act(action, () => rows.remove(id));
    },
    /** Sends a test notification to these targets, or to all, at once. Says for each whether it took it. Throws NOT_FOUND. */
    test: (names: readonly string[]) =>
      Promise.all((names.length === 0 ? rows.targets() : names.map(find)).map(test)),
    /** Sends notifications to all targets until `signal` aborts. Rejects with ALREADY_WATCHED. */
    run: async (signal: AbortSignal): Promise<void> => {
      const lock = createWriterLock(options.dataFolder, lockName);
      try {
        // A page that asks whether it runs holds the lock for a moment.
        if (!lock.take()) await sleep(lockRetryMs, signal);
        if (!lock.take())
          throw new AppError('ALREADY_WATCHED', 'Another sallyport watch uses this data folder.');
        const { deliverAll } = await loadDelivery();
        await deliverAll({ ...options, sleep, rows, sent, lost, left, problems }, signal);
      } finally {
        lock.close();
      }
    },
  };
}
