import { AppError } from '../../src-shared/errors.ts';
import { clientIdSchema } from '../../src-shared/model/tenants/clientId.ts';
import type { GroupKey } from '../../src-shared/model/tenants/groupKeys.ts';
import type { Session } from '../ssh/types.ts';
import type { Answer, AnswerKind } from './answers.ts';
import { createAsk } from './askCommand.ts';

export type GroupRef = { clientId: string; group: string };

const command = ['ke_manage_remote_networks', 'group-key'] as const;
/** Throws INVALID_INPUT for names that the appliance can't have. `--` keeps a name from becoming an option. */
function argvOf(verb: string, { clientId, group }: { clientId: string; group?: string }): string[] {
  if (!clientIdSchema.safeParse(clientId).success || group?.includes('\0') === true || group === '')
    throw new AppError('INVALID_INPUT', 'This is no name of a tenant and its group.');
  return [...command, verb, '--json', '--', clientId, ...(group === undefined ? [] : [group])];
}

/**
 * The keys of repository groups **[ours]**. Each method runs one command once. The output of `show` contains a key,
 * so no error quotes an output.
 */
export function createGroupKeyCommands(run: Session['run'], privileged: boolean) {
  const { ask: askOnce } = createAsk({ run, privileged });

  async function ask<Kind extends AnswerKind>(argv: readonly string[], kind: Kind): Promise<Answer<Kind>> {
    try {
      return await askOnce(argv, { kind, isSecret: true });
    } catch (thrown) {
      // An older kit's usage does not list this verb; a newer one names it in each of its refusals.
      const isUnknown =
        thrown instanceof AppError &&
        thrown.code === 'INVALID_INPUT' &&
        !String(thrown.detail['stderr']).includes('group-key');
      if (!isUnknown) throw thrown;
      const message = 'The kit of this appliance is too old for keys of repository groups.';
      throw new AppError('COMMAND_MISSING', message, { cause: thrown });
    }
  }

  return {
    /** Rejects with COMMAND_MISSING if the kit is too old. */
    list: async (clientId: string): Promise<GroupKey[]> =>
      (await ask(argvOf('list', { clientId }), 'groupKeys')).groupKeys,
    show: async (place: GroupRef): Promise<string> => (await ask(argvOf('show', place), 'groupKey')).key,
    /** The former key stays valid for `overlapHours`; 0 ends it at once. */
    rotate: async (place: GroupRef, overlapHours: number): Promise<GroupKey> => {
      const argv = argvOf('rotate', place);
      const overlap = overlapHours === 0 ? [] : ['--overlap', `${overlapHours}`];
      const words = [...argv.slice(0, 3), ...overlap, ...argv.slice(3)];
      return (await ask(words, 'groupKeyRotation')).groupKey;
    },
  };
}
