import { quoteArgv } from '../../../src-shared/base/quoteArgv.ts';
import { taskKinds, type RunOrder } from '../../../src-shared/model/fanOut/runOrder.ts';
import type { RunTask } from '../../../src-shared/model/fanOut/runTask.ts';

/** The file that the command of a configuration needs; the page can save it. */
export const keysFile = 'keys.yml';

function taskWords(task: RunTask): string[] {
  switch (task.kind) {
    case 'read':
      return ['read', task.command];
    case 'tenant':
      return ['tenant', task.action.kind, task.action.clientId];
    case 'configuration':
      return ['config', keysFile];
  }
}

const option = (name: string, value: string | number | null) => (value === null ? [] : [name, String(value)]);

/** The command that makes the same run from a terminal. The reason of a change is left to its author. */
export function terminalCommand(run: {
  task: RunTask;
  order: RunOrder;
  names: readonly string[];
  /** Whether these are all appliances of the console. */
  isAll: boolean;
  canary: string | null;
}): string {
  const { task, order, names, isAll, canary } = run;
  const { isChange } = taskKinds[task.kind];
  const argv = [
    'sallyport',
    'run',
    ...taskWords(task),
    ...(isAll ? (isChange ? ['--all'] : []) : names),
    ...(task.kind === 'tenant' && task.action.kind !== 'suspend'
      ? ['--quota', String(task.action.quota)]
      : []),
    ...(canary === null ? (isChange ? ['--no-canary'] : []) : ['--canary', canary]),
    ...option('--wave', order.wave),
    ...option('--stop-after', order.stopAfter),
    ...(canary === null ? [] : option('--watch', order.watchSeconds)),
  ];
  return `${quoteArgv(argv)}${isChange ? ' --reason TEXT' : ''}`;
}
