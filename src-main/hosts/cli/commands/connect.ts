import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../../src-shared/errors.ts';
import { clientIdSchema } from '../../../../src-shared/model/tenants/clientId.ts';
import {
  countFindings,
  formatLint,
  hasErrors,
} from '../../../../src-shared/model/connectYaml/connectYamlFinding.ts';
import { applyAllFixes } from '../../../../src-shared/model/connectYaml/connectYamlFix.ts';
import { generateConnectYaml } from '../../../../src-shared/model/connectYaml/connectYamlGenerate.ts';
import { lintConnectYaml } from '../../../../src-shared/model/connectYaml/connectYamlLint.ts';
import type { Deployment } from '../../../../src-shared/model/connectYaml/deployments.ts';
import type { ConnectYamlContext } from '../../../../src-shared/model/connectYaml/connectYamlValues.ts';
import { creationError, readInputText, readTextFile, replaceText, writeNewFile } from '../files.ts';
import { terminalText, type Output } from '../output.ts';
import { findAppliance, withConsole, type Globals } from '../withConsole.ts';

const maxFile = 1024 * 1024;

/**
 * Checks a connect.yaml and prints its findings; `-` is standard input. With `fix`, first corrects the file,
 * or prints the corrected text for `-`. Exit code: 2 if a finding is an error, else 0.
 */
export async function lintConnectFile(
  output: Output,
  options: {
    file: string;
    fix: boolean;
    runs?: ConnectYamlContext['runs'];
    applianceVersion?: string;
    connectVersion?: string;
    ports?: number;
  },
): Promise<number> {
  const { fix, file } = options;
  const context: ConnectYamlContext = {
    runs: options.runs,
    applianceVersion: options.applianceVersion,
    connectVersion: options.connectVersion,
    allottedPorts: options.ports,
  };
  const isInput = file === '-';
  const before = isInput ? await readInputText(maxFile) : readTextFile(file, maxFile);
  const { text, fixed, lint } = fix
    ? applyAllFixes(before, context)
    : { text: before, fixed: 0, lint: lintConnectYaml(before, context) };
  if (!isInput && text !== before) replaceText(file, text);
  const { findings } = lint;
  const ok = !hasErrors(findings);
  const printed = formatLint({ file: isInput ? 'connect.yaml' : file, findings, fixed: fix ? fixed : null });
  if (fix && isInput && !output.json) {
    process.stdout.write(process.stdout.isTTY ? terminalText(text) : text);
    output.printError(printed);
  } else output.print({ file, ok, fixed, findings, ...(fix && isInput ? { text } : {}) }, () => printed);
  return ok ? exitCodes.done : exitCodes.usage;
}

/** Parses options of the form `GROUP/NAME=URI`. Throws INVALID_INPUT. */
export function readRepositories(
  texts: readonly string[],
): { group: string; repository: string; uri: string }[] {
  return texts.map((text) => {
    const match = /^([^/=]{1,128})\/([^=]{1,128})=(.+)$/su.exec(text);
    const [, group = '', repository = '', uri = ''] = match ?? [];
    if (match === null)
      throw new AppError('INVALID_INPUT', `${JSON.stringify(text)} must have the form GROUP/NAME=URI.`);
    return { group, repository, uri };
  });
}

/**
 * Writes a new connect.yaml to the file `out` or to standard output. Throws INVALID_INPUT or ALREADY_EXISTS.
 */
export function initConnectYaml(
  output: Output,
  request: {
    appliance: string;
    sshKey: string;
    hostKey?: string;
    repository: readonly string[];
    out?: string;
  },
): Promise<number> {
  const text = generateConnectYaml({
    appliance: request.appliance,
    sshKey: request.sshKey,
    hostKey: request.hostKey ?? null,
    bindAddress: null,
    repositories: readRepositories(request.repository),
  });
  const { findings } = lintConnectYaml(text);
  const wrong = findings.find(({ severity }) => severity === 'error');
  if (wrong !== undefined)
    throw new AppError('INVALID_INPUT', `${wrong.where}: ${wrong.message} (${wrong.code}).`);
  const out = request.out ?? null;
  if (out !== null) writeNewFile(out, text);
  output.print({ out, text, findings }, () =>
    out === null ? text.trimEnd() : `Wrote ${out}. ${countFindings(findings)}`,
  );
  return Promise.resolve(exitCodes.done);
}

/**
 * Writes the handover pack of a tenant into a new folder. Throws NOT_FOUND, INVALID_INPUT or ALREADY_EXISTS.
 */
export function writeHandOver(
  globals: Globals,
  request: {
    appliance: string;
    clientId: string;
    address: string;
    runs: Deployment;
    repository: readonly string[];
    out: string;
  },
): Promise<number> {
  const clientId = clientIdSchema.safeParse(request.clientId);
  if (!clientId.success)
    throw new AppError('INVALID_INPUT', clientId.error.issues[0]?.message ?? 'The client ID is not valid.');
  const repositories = readRepositories(request.repository);
  const { out } = request;
  return withConsole(globals, (services) => {
    const entry = findAppliance(services, request.appliance);
    const { files, archive } = services.handOver({
      applianceId: entry.id,
      clientId: clientId.data,
      address: request.address,
      runs: request.runs,
      repositories,
    });
    try {
      mkdirSync(out, { mode: 0o755 });
    } catch (cause) {
      throw creationError(out, cause);
    }
    for (const { name, text } of files) writeNewFile(join(out, name), text);
    writeNewFile(join(out, archive.name), Buffer.from(archive.base64, 'base64'));
    globals.output.print({ folder: out, files, archive: archive.name }, () =>
      [
        `Wrote to ${out}: ${[...files.map(({ name }) => name), archive.name].join(', ')}.`,
        'The pack holds no secrets. Send the private key separately.',
        ...(repositories.length === 0
          ? [
              'The pack has no repositories. Add some with --repository, or let the site add them to its connect.yaml.',
            ]
          : []),
      ].join('\n'),
    );
    return exitCodes.done;
  });
}
