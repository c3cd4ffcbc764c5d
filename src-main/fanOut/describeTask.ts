import { quoteArgv } from '../../src-shared/base/quoteArgv.ts';
import { configurationArgv } from '../../src-shared/model/configuration/configurationArgv.ts';
import { readCommands } from '../../src-shared/model/fanOut/readCommands.ts';
import type { RunTask } from '../../src-shared/model/fanOut/runTask.ts';
import { buildTenantCommand } from '../driver/tenantCommands.ts';

/** Stands for what differs on each appliance: the state that its plan was made from. */
const ownState = '‹its present state›';

/** The command as it runs on each appliance, for people and the audit trail. */
export function describeCommand(task: RunTask): string {
  switch (task.kind) {
    case 'read':
      return quoteArgv(readCommands[task.command].argv);
    case 'tenant': {
      const { action } = task;
      const quota = action.kind === 'suspend' ? 0 : action.quota;
      const { clientId } = action;
      const { text } = buildTenantCommand({ verb: 'change', quota, clientId, unchangedSince: null });
      return text.replace(/ --json$/u, ` --unchanged-since ${ownState} --json`);
    }
    case 'configuration':
      return configurationArgv
        .update({ unchangedSince: ownState, stated: null })
        .map((word) => (word === ownState ? word : quoteArgv([word])))
        .join(' ');
  }
}
