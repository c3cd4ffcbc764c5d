import { z } from 'zod';
import { AppError } from '../../src-shared/errors.ts';
import { clientIdSchema } from '../../src-shared/model/tenants/clientId.ts';
import {
  groupKeysOutputSchema,
  rotatedGroupKeySchema,
  shownGroupKeySchema,
  type GroupKey,
} from '../../src-shared/model/tenants/groupKeys.ts';
import { maxJsonDepth, measureJson } from '../../src-shared/base/measureJson.ts';
import type { Session } from '../ssh/types.ts';
import { assertSucceeded } from './exitCodes.ts';
import { unparsedOutputError } from './unparsed.ts';

export type GroupRef = { clientId: string; group: string };

const command = ['ke_manage_remote_networks', 'group-key'] as const;
/** A tenant has at most 256 groups, each with less than 1 kB. */
const bounds = { maxBytes: 512 * 1024, maxDepth: maxJsonDepth, maxValues: 10_000 };

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
  async function ask<Schema extends z.ZodType>(
    argv: readonly string[],
    schema: Schema,
  ): Promise<z.infer<Schema>> {
    const result = await run({ argv, privileged, maxBytes: bounds.maxBytes });
    const name = argv.slice(0, 3).join(' ');
    if (result.exitCode === 2 && !result.stderr.includes('group-key'))
      throw new AppError(
        'COMMAND_MISSING',
        'The kit of this appliance is too old for keys of repository groups.',
      );
    assertSucceeded(name, result, { mayQuoteOutput: false });
    const size = measureJson(result.stdout, bounds);
    const isSmall = size.depth <= bounds.maxDepth && size.values <= bounds.maxValues;
    const parsed = isSmall ? schema.safeParse(parseJson(result.stdout)) : null;
    if (parsed?.success === true) return parsed.data;
    const isEmpty = result.stdout.trim() === '';
    throw unparsedOutputError({ command: name, text: '', isEmpty, reason: 'it has unexpected values' });
  }

  return {
    /** Rejects with COMMAND_MISSING if the kit is too old. */
    list: async (clientId: string): Promise<GroupKey[]> =>
      (await ask(argvOf('list', { clientId }), groupKeysOutputSchema)).groupKeys,
    show: async (place: GroupRef): Promise<string> =>
      (await ask(argvOf('show', place), shownGroupKeySchema)).key,
    /** The former key stays valid for `overlapHours`; 0 ends it at once. */
    rotate: async (place: GroupRef, overlapHours: number): Promise<GroupKey> => {
      const argv = argvOf('rotate', place);
      const overlap = overlapHours === 0 ? [] : ['--overlap', `${overlapHours}`];
      const words = [...argv.slice(0, 3), ...overlap, ...argv.slice(3)];
      return (await ask(words, rotatedGroupKeySchema)).groupKey;
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
