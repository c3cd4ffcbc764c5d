import { hostKeyDetailSchema } from '../../../src-shared/errorFacts.ts';
import type { z } from 'zod';
import { AppError, exitCodeOf } from '../../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../../src-shared/model/appliance/applianceEntry.ts';
import type { KnownHostsAnswer } from '../../../src-shared/model/appliance/knownHostsAnswer.ts';
import { createServices, type Services } from '../../services.ts';
import { linkError } from '../../ssh/session/linkError.ts';
import { createLog } from '../../base/log.ts';
import { hopNameOf } from '../../ssh/transport/hopName.ts';
import { quoteArgv } from '../../../src-shared/base/quoteArgv.ts';
import { dataFolder, createDataFolder } from '../../base/dataFolder.ts';
import type { Output } from './output.ts';
import { createProgress } from './progress.ts';
import { askOnTerminal, askVaultPassphrase } from './terminalSecrets.ts';

export type Globals = {
  data?: string | undefined;
  /** The open file that has the vault's passphrase. */
  passphraseFd?: number | undefined;
  output: Output;
};

/** Starts the services for one command and always closes them. */
export async function withConsole<Result>(
  globals: Globals,
  work: (services: Services) => Promise<Result> | Result,
): Promise<Result> {
  const folder = dataFolder(globals.data);
  createDataFolder(folder);
  const services = createServices({
    dataFolder: folder,
    host: 'cli',
    askSecret: askOnTerminal(),
    askVaultPassphrase: askVaultPassphrase(globals.passphraseFd),
    log: createLog({ level: process.env['SALLYPORT_LOG'] ?? 'silent' }),
  });
  try {
    return await work(services);
  } finally {
    await services.close();
  }
}

/** Printed instead of an empty list. */
export const noAppliancesText =
  'No appliances yet. Add one: sallyport appliance add NAME USER@HOST --identity FILE';

/** Finds an appliance by its name. Throws NOT_FOUND. */
export function findAppliance(services: Services, name: string): ApplianceEntry {
  const entry = services.inventory.find(name);
  if (entry === undefined)
    throw new AppError('NOT_FOUND', `There is no appliance named ${JSON.stringify(name)}.`, {
      detail: { name },
    });
  return entry;
}

/** Formats an error for stderr, with the commands that fix it. */
export function describeProblem(
  services: Pick<Services, 'inventory'>,
  entry: ApplianceEntry,
  error: AppError,
): string {
  const lines = [`sallyport: ${entry.name}: ${error.message} (${error.code})`];
  const unknown = hostKeyDetailSchema.safeParse(error.detail).data;
  if (error.code === 'HOST_KEY_UNKNOWN' && unknown !== undefined) {
    const isTarget = unknown.hop === hopNameOf(entry.target);
    lines.push(
      ...knownHostsAdvice(unknown.knownHosts),
      `Compare the fingerprint with that on ${isTarget ? 'the appliance' : 'the jump host'}, then pin it:`,
      `  ${quoteArgv(['sallyport', ...buildPinCommand(services, entry, unknown)])}`,
    );
  }
  if (error.code === 'AUTHENTICATION_FAILED' || error.detail['kind'] === 'key-passphrase')
    lines.push(...adviseOnKeys(entry.target.authentication.keyFile));
  return lines.join('\n');
}

function knownHostsAdvice(found: KnownHostsAnswer | undefined): string[] {
  if (found === undefined || found.place === null) return [];
  const texts: Record<KnownHostsAnswer['answer'], string> = {
    known: 'known_hosts has this key',
    different: 'known_hosts has another key for this host',
    revoked: 'known_hosts marks this key as revoked',
    incomplete: 'known_hosts was not read completely, so it can’t confirm this key',
    absent: 'known_hosts has no key',
  };
  return [`${texts[found.answer]}: ${found.place.file}, line ${found.place.line}.`];
}

/** The advice if the server accepted no key. */
function adviseOnKeys(keyFile: string | null): string[] {
  const add = keyFile === null ? ['ssh-add'] : ['ssh-add', keyFile.replace(/\.pub$/u, '')];
  return [
    'Check that the public key is in the authorized_keys of that user. To use a key with a passphrase, add it to the agent:',
    `  ${quoteArgv(add)}`,
  ];
}

/**
 * Returns the command that pins the unknown key. Keys of jump hosts are in order, so the keys of the jump
 * hosts before it, which are pinned already, are repeated.
 */
function buildPinCommand(
  services: Pick<Services, 'inventory'>,
  entry: ApplianceEntry,
  { hop, offered }: z.infer<typeof hostKeyDetailSchema>,
): string[] {
  const command = ['appliance', 'edit', entry.name];
  const index = entry.jumps.findIndex((jump) => hopNameOf(jump) === hop);
  if (index === -1) return [...command, '--host-key', offered.fingerprint];
  const before = entry.jumps.slice(0, index).map((jump) => services.inventory.pinned(jump)?.fingerprint);
  return [
    ...command,
    ...[...before, offered.fingerprint].flatMap((key) => (key === undefined ? [] : ['--jump-host-key', key])),
  ];
}

/** Polls the appliance all the time while `work` runs, because a test of tunnels may take a minute. */
export async function whileFollowing<Result>(
  { fleet }: Services,
  entry: ApplianceEntry,
  work: () => Promise<Result>,
): Promise<Result> {
  const release = fleet.follow([entry.id]);
  try {
    return await work();
  } finally {
    release();
  }
}

type Polled = { exitCode: number; failures: Map<string, AppError> };

/** Prints the errors of `entries` on stderr. `refused` are those of failed commands, by appliance. */
function reportProblems(
  services: Services,
  entries: readonly ApplianceEntry[],
  { refused, output }: { refused: ReadonlyMap<string, AppError>; output: Output },
): Polled {
  const failures = new Map<string, AppError>();
  for (const entry of entries) {
    const state = services.links.state(entry.id);
    // An appliance that connects on demand may be closed again for another one, once it has answered.
    const hasAnswered = state.state === 'idle' && state.reason === 'on-demand' && !refused.has(entry.id);
    const error = hasAnswered ? undefined : (linkError(entry, state) ?? refused.get(entry.id));
    if (error === undefined) continue;
    failures.set(entry.id, error);
    output.printError(describeProblem(services, entry, error));
  }
  const exitCode = Math.max(0, ...[...failures.values()].map((error) => exitCodeOf(error.code)));
  return { exitCode, failures };
}

/** Runs a refresh of `entries` and shows on a terminal how many are done. */
async function withProgress(
  entries: readonly ApplianceEntry[],
  refresh: (ids: string[], onDone: (id: string) => void) => Promise<Map<string, AppError>>,
): Promise<Map<string, AppError>> {
  const names = new Map(entries.map(({ id, name }) => [id, name]));
  const progress = createProgress({ total: names.size, isWanted: false, clock: Date.now });
  let done = 0;
  try {
    return await refresh([...names.keys()], (id) => progress.step((done += 1), names.get(id) ?? ''));
  } finally {
    progress.end();
  }
}

/** Polls `entries` now. Prints errors on stderr. Returns the exit code of the worst error. */
export async function pollAppliances(
  services: Services,
  entries: readonly ApplianceEntry[],
  output: Output,
): Promise<Polled> {
  const refused = await withProgress(entries, services.fleet.readAll);
  return reportProblems(services, entries, { refused, output });
}

/** Like `pollAppliances`, but does not ask for tenants. */
export async function pollLicences(
  services: Services,
  entries: readonly ApplianceEntry[],
  output: Output,
): Promise<Polled> {
  const refused = await withProgress(entries, services.fleet.refreshLicences);
  return reportProblems(services, entries, { refused, output });
}
