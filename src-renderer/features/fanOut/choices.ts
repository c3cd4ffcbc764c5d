import type { ApplianceEntry } from '../../../src-shared/model/appliance/applianceEntry.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { listSetKeys } from '../../../src-shared/model/configuration/setKeys.ts';
import type { ReadCommand } from '../../../src-shared/model/fanOut/readCommands.ts';
import {
  requestedOrderSchema,
  taskKinds,
  type RequestedOrder,
} from '../../../src-shared/model/fanOut/runOrder.ts';
import { runTaskSchema, type RunTask } from '../../../src-shared/model/fanOut/runTask.ts';
import type { QuotaAction } from '../../../src-shared/model/tenants/tenantPlan.ts';

/** What the fields of the task hold, for each kind. */
export type TaskChoice = {
  kind: RunTask['kind'];
  command: ReadCommand;
  action: QuotaAction['kind'];
  clientId: string;
  quota: string;
  keys: string;
};
export const emptyChoice: TaskChoice = {
  kind: 'read',
  command: 'status',
  action: 'suspend',
  clientId: '',
  quota: '',
  keys: '',
};

/** What the fields of the order hold; those that are missing have the default of the task. `canary`: an ID, `first`, or `none`. */
export type OrderChoice = Partial<Record<'canary' | 'wave' | 'stopAfter' | 'watchSeconds', string>>;

const wholeNumber = (text: string): number => (/^\d{1,6}$/u.test(text.trim()) ? Number(text) : Number.NaN);

/** The task, or what is missing. */
export function readTask(choice: TaskChoice): { task: RunTask | null; problem: string | null } {
  const { kind, command, action, clientId, quota, keys } = choice;
  const wanted = {
    read: { kind, command },
    tenant: {
      kind,
      action: { kind: action, clientId, ...(action === 'suspend' ? {} : { quota: wholeNumber(quota) }) },
    },
    configuration: { kind, keys },
  }[kind];
  const parsed = runTaskSchema.safeParse(wanted);
  if (!parsed.success)
    return {
      task: null,
      problem:
        kind === 'configuration'
          ? 'enter keys'
          : clientId === ''
            ? 'enter a tenant'
            : 'check tenant and quota',
    };
  if (parsed.data.kind !== 'configuration') return { task: parsed.data, problem: null };
  try {
    listSetKeys(parsed.data.keys);
    return { task: parsed.data, problem: null };
  } catch (thrown) {
    if (thrown instanceof AppError) return { task: parsed.data, problem: 'correct the keys' };
    throw thrown;
  }
}

/** Why the keys can’t be set; null if they can, or while there are none. */
export function findKeysProblem(keys: string): string | null {
  if (keys.trim() === '') return null;
  try {
    listSetKeys(keys);
    return null;
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown.message;
    throw thrown;
  }
}

/** The canary that the order has: an ID, `first`, or `none`. */
export function canaryOf(
  { canary }: OrderChoice,
  kind: RunTask['kind'],
  entries: readonly ApplianceEntry[],
): string {
  const isThere = canary === 'none' || canary === 'first' || entries.some(({ id }) => id === canary);
  if (canary !== undefined && isThere) return canary;
  return taskKinds[kind].order.hasCanary ? 'first' : 'none';
}

/** A field that was never changed has the initial value; an empty one has none. */
function numberOf(text: string | undefined, initial: number | null): number | null {
  if (text === undefined) return initial;
  return text === '' ? null : wholeNumber(text);
}

/** The order, or what is wrong with it. */
export function readOrderChoice(
  choice: OrderChoice,
  task: RunTask,
  entries: readonly ApplianceEntry[],
): { order: RequestedOrder | null; problem: string | null } {
  const { order } = taskKinds[task.kind];
  const canary = canaryOf(choice, task.kind, entries);
  const parsed = requestedOrderSchema.safeParse({
    canaryId: canary === 'none' ? null : canary,
    wave: numberOf(choice.wave, order.wave),
    stopAfter: numberOf(choice.stopAfter, order.stopAfter),
    watchSeconds: canary === 'none' ? 0 : numberOf(choice.watchSeconds, order.watchSeconds),
  });
  return parsed.success
    ? { order: parsed.data, problem: null }
    : { order: null, problem: 'check the numbers of the order' };
}
