import { expect, test } from 'vitest';
import type { RunResult } from '../ssh/types.ts';
import { createGroupKeyCommands } from './groupKeyCommands.ts';

const key = 'sgk_planted';
const place = { clientId: 'acme', group: 'docs' };

/** The commands of an appliance that answers every command like this. */
function answering(result: Partial<RunResult>) {
  const argvs: string[][] = [];
  const answer = { exitCode: 0, signal: null, stdout: '', stderr: '', ...result };
  const commands = createGroupKeyCommands(async ({ argv }) => {
    argvs.push([...argv]);
    return answer;
  }, true);
  return { commands, argvs };
}

test('when a group is named like an option, passes it as a word', async () => {
  const stdout = JSON.stringify({ contract: 1, clientId: 'acme', group: '--force', key });
  const { commands, argvs } = answering({ stdout });
  expect(await commands.show({ clientId: 'acme', group: '--force' })).toBe(key);
  expect(argvs[0]?.slice(-3)).toEqual(['--', 'acme', '--force']);
});

test.each([
  [
    'an older kit',
    {
      exitCode: 2,
      stderr:
        'ke_manage_remote_networks: INVALID_INPUT: usage: ke_manage_remote_networks add|list|change|remove|release … [--json]',
    },
    'COMMAND_MISSING',
  ],
  ['no kit', { exitCode: 127, stderr: 'sh: 1: ke_manage_remote_networks: not found' }, 'COMMAND_MISSING'],
  [
    'a kit that refuses the words',
    {
      exitCode: 2,
      stderr:
        'ke_manage_remote_networks: INVALID_INPUT: usage: ke_manage_remote_networks group-key show CLIENT_ID GROUP [--json]',
    },
    'INVALID_INPUT',
  ],
  [
    'an unknown group',
    { exitCode: 3, stderr: 'ke_manage_remote_networks: NOT_FOUND: acme has no key' },
    'NOT_FOUND',
  ],
  ['an answer of another form', { stdout: `{"contract":2,"key":"${key}"}` }, 'OUTPUT_UNPARSED'],
  ['a failure that prints the key', { exitCode: 1, stdout: key }, 'COMMAND_FAILED'],
])('when there is %s, rejects without quoting a key: %j', async (_, result, code) => {
  const failure: unknown = await answering(result)
    .commands.show(place)
    .catch((thrown: unknown) => thrown);
  expect(failure).toMatchObject({ code });
  expect(JSON.stringify(failure) + String(failure)).not.toContain(key);
});

test.each([
  ['../acme', 'docs'],
  ['acme', ''],
  ['acme', 'a\0b'],
  ['--json', 'docs'],
])('rejects the tenant %j with the group %j before any command', async (clientId, group) => {
  const { commands, argvs } = answering({});
  await expect(commands.show({ clientId, group })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(argvs).toEqual([]);
});
