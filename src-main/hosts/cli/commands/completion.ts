import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { programFolder } from '../../../base/programFolder.ts';
import type { Shell } from '../completionCommands.ts';
import type { Output } from '../output.ts';

/**
 * Prints the script of a shell. The script asks the hidden command `complete` at each key press, so it stays right when the
 * program is updated, and evaluates nothing of the answer.
 */
export async function printCompletion(output: Output, shell: Shell): Promise<number> {
  const script = await readFile(join(programFolder(), 'resources/completion', `sallyport.${shell}`), 'utf8');
  output.print({ shell, script }, () => script.trimEnd());
  return exitCodes.done;
}
