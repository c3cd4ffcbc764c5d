import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { AppError } from '../../../../src-shared/errors.ts';
import { maxApplianceCsv } from '../../../../src-shared/model/appliance/applianceCsv.ts';
import type { ImportRow } from '../../../../src-shared/model/appliance/importRow.ts';
import { defaultSshConfig } from '../../../links/sshConfigFile.ts';
import { hopNameOf } from '../../../ssh/transport/hopName.ts';
import { assertConfirmed } from '../confirm.ts';
import { readTableFile } from '../files.ts';
import { formatTable } from '../output.ts';
import { withConsole, type Globals } from '../withConsole.ts';

export type ImportOptions = { sshConfig?: string | boolean; preview: boolean; yes: boolean };

function sourceOf(file: string | undefined, { sshConfig }: ImportOptions) {
  const isFromConfig = sshConfig !== undefined && sshConfig !== false;
  if (isFromConfig === (file !== undefined))
    throw new AppError('INVALID_INPUT', 'Use either a CSV file or --ssh-config.');
  if (file !== undefined) return { kind: 'csv', text: readTableFile(file, maxApplianceCsv) } as const;
  return {
    kind: 'ssh-config-file',
    path: typeof sshConfig === 'string' ? sshConfig : defaultSshConfig(),
  } as const;
}

function describeRow({ appliance, changes, existing, name, place, problems, state }: ImportRow): string {
  if (state === 'invalid') return `${place}: ${problems.join('; ')}`;
  const renamed = existing === null || existing.name === name ? [] : [`added as ${existing.name}`];
  // The import of the row lets its address have a secret of the vault.
  const credential = appliance?.target.authentication.credential;
  const signIn = credential === undefined ? [] : [`signs in with the credential ${credential}`];
  return [...renamed, ...changes, ...signIn].join(', ');
}

function previewTable(rows: readonly ImportRow[]): string {
  return formatTable(
    ['NAME', 'STATE', 'ADDRESS', 'JUMPS', 'CHANGES'],
    rows.map((row) => [
      row.name,
      row.state,
      row.appliance === null ? null : hopNameOf(row.appliance.target),
      row.appliance?.jumps.map(hopNameOf).join(', ') || null,
      describeRow(row) || null,
    ]),
  );
}

/**
 * Shows which appliances of the file are new, changed or unchanged. Asks for confirmation, then imports the
 * new and changed ones.
 */
export function importAppliances(
  globals: Globals,
  file: string | undefined,
  options: ImportOptions,
): Promise<number> {
  return withConsole(globals, async (services) => {
    const { output } = globals;
    const { rows, problems } = services.imports.preview(sourceOf(file, options));
    if (!output.json) for (const problem of problems) output.printError(problem);
    const wanted = rows.flatMap(({ appliance, existing, state, changes }) =>
      appliance === null || state === 'same' ? [] : [{ id: existing?.id ?? null, appliance, changes }],
    );
    if (options.preview || wanted.length === 0) {
      const nothing = rows.length === 0 ? 'No appliances found.' : previewTable(rows);
      output.print({ rows, problems, results: [] }, () => nothing);
      return exitCodes.done;
    }
    if (!output.json) output.printError(previewTable(rows));
    await assertConfirmed(options.yes);
    const results = await services.imports.importRows(wanted);
    output.print({ rows, problems, results }, () =>
      results
        .map(({ name, error }) =>
          error === null ? `${name} imported` : `${name} not imported: ${error.message}`,
        )
        .join('\n'),
    );
    return results.every(({ error }) => error === null) ? exitCodes.done : exitCodes.failed;
  });
}
