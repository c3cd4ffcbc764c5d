import { z } from 'zod';
import { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/applianceEntry.ts';
import { hostKeySchema } from '../../src-shared/model/hostKey.ts';
import { createConsole, type Console } from '../console.ts';
import { linkError } from '../fleet/links.ts';
import { createLog } from '../log.ts';
import { hopNameOf } from '../ssh/hopName.ts';
import { dataFolder } from './dataFolder.ts';
import { exitCodeOf } from './exitCodes.ts';
import type { Output } from './output.ts';
import { askOnTerminal } from './terminalSecrets.ts';

const unknownHostKeySchema = z.object({ hop: z.string(), offered: hostKeySchema });

export type Globals = { data?: string | undefined; output: Output };

/** Builds the console for one command and ends it whatever happens. */
export async function withConsole<Result>(
  globals: Globals,
  work: (console: Console) => Promise<Result> | Result,
): Promise<Result> {
  const console = createConsole({
    dataFolder: dataFolder(globals.data),
    host: 'cli',
    askSecret: askOnTerminal(),
    log: createLog({ level: process.env['SALLYPORT_LOG'] ?? 'silent' }),
  });
  try {
    return await work(console);
  } finally {
    await console.close();
  }
}

/** Throws NOT_FOUND. */
export function named(console: Console, name: string): ApplianceEntry {
  const entry = console.inventory.find(name);
  if (entry === undefined)
    throw new AppError('NOT_FOUND', `There is no appliance named ${JSON.stringify(name)}.`, {
      detail: { name },
    });
  return entry;
}

/** What an error says on stderr, with the commands that help where there are some. */
export function complaint(error: AppError, entry?: ApplianceEntry): string {
  const where = entry === undefined ? '' : `${entry.name}: `;
  const lines = [`sallyport: ${where}${error.message} (${error.code})`];
  const detail = unknownHostKeySchema.safeParse(error.detail).data;
  if (error.code === 'HOST_KEY_UNKNOWN' && entry !== undefined && detail !== undefined) {
    const isTarget = detail.hop === hopNameOf(entry.target);
    lines.push(
      `Compare the fingerprint with the one that ${isTarget ? 'the appliance' : 'the jump host'} shows, then pin it:`,
      `  sallyport appliance remove ${entry.name}`,
      `  ${addCommand(entry)} ${isTarget ? '--host-key' : '--jump-host-key'} ${detail.offered.fingerprint}`,
    );
  }
  return lines.join('\n');
}

function addCommand(entry: ApplianceEntry): string {
  const jumps = entry.jumps.map((jump) => ` --jump ${hopNameOf(jump)}`).join('');
  const identity = entry.target.authentication.keyFile ?? 'FILE';
  return `sallyport appliance add ${entry.name} ${hopNameOf(entry.target)} --identity ${identity}${jumps} --sudo ${entry.sudo}`;
}

/** Asks `entries` now. Says on stderr which did not answer, and gives the exit code of the worst. */
export async function askAll(
  console: Console,
  entries: readonly ApplianceEntry[],
  output: Output,
): Promise<{ exitCode: number; failures: Map<string, AppError> }> {
  await console.fleet.refresh(entries.map((entry) => entry.id));
  const failures = new Map<string, AppError>();
  for (const entry of entries) {
    const error = linkError(entry, console.links.state(entry.id));
    if (error === null) continue;
    failures.set(entry.id, error);
    output.complain(complaint(error, entry));
  }
  const exitCode = Math.max(0, ...[...failures.values()].map((error) => exitCodeOf(error.code)));
  return { exitCode, failures };
}
